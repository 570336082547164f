// Checks a model whose policies were changed by hand: whatever it says becomes a `Model`, or one message.
import { integer, json, type Member, object, text, word } from "../kernel/decode/checks.ts";
import type { Gather, Model } from "./model.ts";

/** At most a month, so that sums of several are exact. */
const ns = integer(1, 2_592_000_000_000_000);

const passes: Member<Gather["passes"]> = (value, place) => (integer(1, 2)(value, place) === 1 ? 1 : 2);

const gather: Member<Model["gather"]> = (value, place) =>
  value === null ? null : object<Gather>(value, place, { userMode: word(["park", "gate"]), passes });

/** The model that `source` (JSON) describes; `file` is what a message names. */
export const decodeModel = (source: string, file: string): Model => {
  const model = object<Model>(
    json(source, file),
    { file, path: "" },
    {
      name: text(64),
      title: text(200),
      leave: word(["function", "patched-set", "kernel"]),
      switch: word(["function", "task", "kernel"]),
      gather,
      limitNs: ns,
      holdLimitNs: ns,
      attempts: integer(1, 1_000),
      retryNs: ns,
      source: text(2_000),
    },
  );
  // Else a CPU would let go before the coordinator has decided.
  integer(model.limitNs + 1, Number.MAX_SAFE_INTEGER)(model.holdLimitNs, { file, path: "holdLimitNs" });
  return model;
};
