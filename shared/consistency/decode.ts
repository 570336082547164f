// Checks a model whose policies were changed by hand: whatever it says becomes a `Model`, or one message.
import { flag, integer, json, type Member, object, text, word } from "../kernel/decode/checks.ts";
import { BadInput } from "../machine/badInput.ts";
import { whyNotAtLimit } from "./atLimit.ts";
import type { Gather, Gradual, Model, StackCheck } from "./model.ts";

/** At most a month, so that sums of several are exact. */
const ns = integer(1, 2_592_000_000_000_000);

const passes: Member<Gather["passes"]> = (value, place) => (integer(1, 2)(value, place) === 1 ? 1 : 2);

const orNull =
  <T>(read: Member<T>): Member<T | null> =>
  (value, place) =>
    value === null ? null : read(value, place);

const gather: Member<Gather> = (value, place) => object<Gather>(value, place, { userMode: word(["park", "gate"]), passes });

const check: Member<StackCheck> = (value, place) =>
  object<StackCheck>(value, place, {
    reader: word(["reliable", "best-effort", "words"]),
    walk: word(["serial", "parallel"]),
    forced: flag,
    nmiVeto: flag,
  });

const gradual: Member<Gradual> = (value, place) =>
  object<Gradual>(value, place, {
    checkNs: ns,
    onGrid: flag,
    signalEvery: integer(0, 1_000_000),
    idle: flag,
    tick: flag,
    wakes: flag,
    condResched: flag,
    interrupts: word(["task", "cpu"]),
    reversible: flag,
    pokesAtEnd: flag,
    sync: flag,
  });

/** The policies that its cell of the grid needs, no others, and a limit that they can keep. */
const checkCell = (model: Model, file: string): void => {
  const wants = (path: "check" | "gradual", wanted: boolean, why: string): void => {
    if ((model[path] !== null) !== wanted) throw new BadInput(file, path, `must ${wanted ? "not " : ""}be null where ${why}`);
  };
  wants("gradual", model.switch !== "kernel", `switch is ${model.switch}`);
  wants("check", model.leave === "patched-set", `leave is ${model.leave}`);
  const refusal = whyNotAtLimit(model, model.onLimit);
  if (refusal !== undefined) throw new BadInput(file, "onLimit", refusal);
};

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
      gather: orNull(gather),
      check: orNull(check),
      gradual: orNull(gradual),
      limitNs: orNull(ns),
      onLimit: word(["abort", "reverse", "force"]),
      holdLimitNs: ns,
      attempts: integer(1, 1_000),
      retryNs: ns,
      source: text(2_000),
    },
  );
  checkCell(model, file);
  // Else a CPU would let go before the coordinator has decided.
  if (model.limitNs !== null && model.switch === "kernel")
    integer(model.limitNs + 1, Number.MAX_SAFE_INTEGER)(model.holdLimitNs, { file, path: "holdLimitNs" });
  return model;
};
