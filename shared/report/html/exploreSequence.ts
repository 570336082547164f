// The path of a search as a sequence of rows: whose turn it is at each step, and where what arrives at it had left.
import type { SequenceRow, SequenceShown } from "../../figure/sequence.ts";
import type { Explored } from "../exploreSummary.ts";

type Step = NonNullable<Explored["counterexample"]>["steps"][number];

const register = "register";

const kinds: Readonly<Record<Step["act"]["does"], SequenceRow["kind"]>> = {
  deliver: "arrives",
  copy: "copy",
  drop: "lost",
  timeout: "timer",
  answer: "arrives",
  arrive: "writes",
  crash: "crash",
  "lose-write": "crash",
  start: "start",
  second: "start",
  task: "other",
};

/** `gather (term 1, epoch 1, round 2)` as `gather #2`: terms and epochs are for who points at it. */
const shortened = (text: string): string =>
  text.replaceAll(/ \(term[^)]*?(?:, round (\d+))?(?:, incarnation \d+)?\)/g, (_, round: string | undefined) =>
    round === undefined ? "" : ` #${round}`,
  );

const onItsWay = "on its way to ";

/** The register first, then coordinators and CPUs by their numbers: whoever is named, and every CPU of the machine. */
const namesOf = (steps: readonly Step[], cpus: number): readonly string[] => {
  const named = new Set(steps.map(({ act }) => act.actor));
  const number = (name: string): number => Number(/\d+$/.exec(name)?.[0] ?? 0);
  const coordinators = [...named].filter((name) => name.startsWith("coordinator")).toSorted((a, b) => number(a) - number(b));
  return [
    register,
    ...(coordinators.length === 0 ? ["coordinator0"] : coordinators),
    ...Array.from({ length: cpus }, (_, cpu) => `cpu${cpu}`),
  ];
};

/** Who starts before anything else befalls it had been down. */
const isUpFirst = (steps: readonly Step[], name: string): boolean => {
  const first = steps.find(({ act }) => act.actor === name)?.act.does;
  return first !== "start" && first !== "second";
};

const rowOf = ({ act, text, facts }: Step, from: SequenceRow["from"], lane: number): SequenceRow => ({
  kind: kinds[act.does],
  lane,
  from,
  text: shortened(text),
  aside: facts.join("; "),
  hint: facts.length === 0 ? text : `${text} [${facts.join("; ")}]`,
});

/** `steps`: of the path, as many as are to be drawn. */
export const sequenceOf = (steps: readonly Step[], cpus: number): Pick<SequenceShown, "lanes" | "rows"> => {
  const names = namesOf(steps, cpus);
  const laneOf = (name: string): number => Math.max(0, names.indexOf(name));
  // By receiver and packet: where it left. A packet that is equal to one on its way adds nothing, there as here.
  const sent = new Map<string, NonNullable<SequenceRow["from"]>>();
  const rows = steps.map((step, row): SequenceRow => {
    const { does, actor, packet } = step.act;
    const lane = laneOf(actor);
    const left = sent.get(`${onItsWay}${actor} ${packet}`) ?? null;
    for (const { of, field, before } of step.changes)
      if (before === "" && of.startsWith(onItsWay)) sent.set(`${of} ${field}`, { lane, row });
    if (does === "answer") return rowOf(step, { lane: laneOf(register), row }, lane);
    if (does === "arrive") return rowOf(step, { lane, row }, laneOf(register));
    return rowOf(step, left, lane);
  });
  return { rows, lanes: names.map((name) => ({ name, isUpFirst: isUpFirst(steps, name) })) };
};
