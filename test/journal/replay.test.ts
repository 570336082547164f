// Replay: recorded inputs give the recorded outputs, and the first entry that differs is named.
import { assert, describe, it } from "vitest";
import { JournalReader } from "../../shared/journal/decode.ts";
import { type Divergence, divergenceText, Replay } from "../../shared/journal/replay.ts";
import { OrphanEntry, TurnReader } from "../../shared/journal/turns.ts";
import { record } from "./recorded.ts";

const { text, setup, turns } = record(8, 7, [
  "drop 20% of any",
  "crash cpu 2 at prepare restart after 5ms",
  "crash coordinator at run restart after 2ms",
]);

const replay = (journal: string): { readonly turns: number; readonly divergence: Divergence | undefined } => {
  const again = new Replay(setup);
  let divergence: Divergence | undefined;
  const reader = new TurnReader({
    turn: (turn) => {
      divergence ??= again.take(turn);
    },
    fault: () => undefined,
  });
  const lines = new JournalReader("j", (line) => {
    if (line.is === "entry") reader.push(line.entry);
  });
  lines.push(new TextEncoder().encode(journal));
  lines.finish();
  reader.finish();
  return { turns: again.turns, divergence };
};

/** Changes the first line that has `found` in it. */
const changed = (found: RegExp, change: (line: string) => string): string => {
  const lines = text.split("\n");
  const index = lines.findIndex((line) => found.test(line));
  assert.isAbove(index, 0);
  return lines.with(index, change(lines[index] as string)).join("\n");
};

describe("replay", () => {
  it("finds that a run with losses, crashes and restarts went as recorded", () => {
    assert.deepStrictEqual(replay(text), { turns: turns.length, divergence: undefined });
  });

  it("names the first output that differs, with what was recorded and what came of it now", () => {
    const { divergence } = replay(changed(/"actor":"cpu5".*"fact":"resumed"/, (line) => line.replace('"cpu":5', '"cpu":6')));
    assert.strictEqual(divergence?.actor, 5);
    assert.include(divergence?.expected ?? "", '"cpu":6');
    assert.include(divergence?.got ?? "", '"cpu":5');
    if (divergence !== undefined)
      assert.match(divergenceText(divergence), /^entry \d+ of cpu5 \(at \d+ ns, clock \d+\): recorded \{.*, replayed \{/);
  });

  it("finds outputs that are not recorded, and recorded ones that do not come", () => {
    const less = replay(changed(/"actor":"cpu5".*"fact":"booted"/, () => '{"note":"facts-only","entries":1}'));
    assert.include(less.divergence?.got ?? "", '"booted"');
    const more = replay(
      changed(
        /"actor":"cpu5".*"kind":"timeout"/,
        (line) => `${line}\n${line.replace(/"kind":"input".*/, '"kind":"fact","body":{"fact":"booted","cpu":5,"incarnation":1}}')}`,
      ),
    );
    assert.include(more.divergence?.expected ?? "", '"booted"');
  });

  it("takes an input that no machine can digest for a divergence, not for a defect", () => {
    const { divergence } = replay(changed(/"actor":"cpu5".*"deliver".*"stop"/, (line) => line.replace(/"ask":\{[^}]*\}/, '"ask":null')));
    assert.include(divergence?.got ?? "", "the machine failed on it");
    const unstarted = replay(
      changed(/"actor":"cpu5".*"start"/, (line) => line.replace('"kind":"start","incarnation":1', '"kind":"timeout","timer":"hello"')),
    );
    assert.include(unstarted.divergence?.got ?? "", "never started");
  });

  it("refuses an entry that no input came before", () => {
    assert.throws(() => replay(changed(/"actor":"cpu5".*"start"/, () => '{"note":"facts-only","entries":1}')), OrphanEntry);
  });
});
