// What is confirmed is kept: a server that has yet to agree with the others says so, and what it was given is given again.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { Outbox } from "../../../shared/live/membership/mail.ts";
import type { Store } from "../../../shared/live/membership/store.ts";
import { answered } from "../../../shared/live/process/journalPart.ts";

const said = (answer: object) => answered({ status: 0, bytes: Buffer.from(JSON.stringify(answer)) });

describe("a piece of a journal", () => {
  it("is taken when it has a place in the stream", () => {
    assert.strictEqual(said({ stream: "s", seq: 7 }), "taken");
    assert.strictEqual(said({ stream: "s", seq: 7, duplicate: true }), "taken");
  });

  it("is offered again as long as that is not certain: no leader, or another copy of it under way", () => {
    assert.strictEqual(answered({ status: 503, bytes: new Uint8Array() }), "later");
    assert.strictEqual(said({ stream: "s", seq: 0, duplicate: true }), "later");
    assert.strictEqual(said({ error: { code: 409, err_code: 10158 }, seq: 0 }), "later");
    assert.strictEqual(said({ error: { code: 500, err_code: 10118 } }), "later");
  });

  it("is lost when the stream will not have it", () => {
    assert.strictEqual(said({ error: { code: 400, err_code: 10054 } }), "refused");
  });
});

describe("what a member says", () => {
  it.live("is repeated under its own name, and before anything else, until it has a place in the stream", () =>
    Effect.promise(async () => {
      const sent: string[] = [];
      const answers = [{ seq: 0, duplicate: true }, undefined, { seq: 3 }, { seq: 4 }];
      const publish = async (_: string, text: string, { msgID }: { readonly msgID: string }) => {
        const answer = answers[sent.length];
        sent.push(`${text} ${msgID.slice(-2)}`);
        if (answer === undefined) throw new Error("timeout");
        return answer;
      };
      const outbox = new Outbox<string>({ client: { publish } } as unknown as Store, "subject");
      outbox.say("one");
      outbox.say("two");
      await outbox.end(5_000);
      assert.deepStrictEqual(sent, ['"one" -1', '"one" -1', '"one" -1', '"two" -2']);
    }),
  );
});
