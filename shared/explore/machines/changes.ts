// What a step changes, as a reader would say it: the values of a world by name, of which those are told that differ.
import type { Row } from "../search/system.ts";
import { left, never } from "./layout.ts";
import { inputText, nameAt } from "./names.ts";
import type { World } from "./world.ts";

/** One value that a step changes: of an actor, of the register, of what is on its way to somebody, of what may still go wrong. */
export interface Change {
  readonly of: string;
  readonly field: string;
  /** Empty where there was no such value. */
  readonly before: string;
  /** Empty where there is no such value any more. */
  readonly after: string;
}

/** By whose and which they are. */
export type Values = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Streams of numbers and functions tell a reader nothing; which CPU it is stands in its name. */
const isTold = (key: string, value: unknown): boolean => key !== "random" && key !== "cpu" && typeof value !== "function";

const plainOf = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) return [...(value as Uint8Array)];
  if (value instanceof Map) return [...value];
  return value instanceof Set ? [...value] : value;
};

/** These change field by field; other records change as one. */
const deep: readonly string[] = ["", "life", "life.crossing", "round", "record", "combining"];

const oneText = (value: unknown): string => {
  const plain = plainOf(value);
  if (typeof plain !== "object" || plain === null || Array.isArray(plain)) return typeof plain === "string" ? plain : JSON.stringify(plain);
  const told = Object.entries(plain).filter(([key, each]) => isTold(key, each) && each !== null && each !== undefined);
  return told.map(([key, each]) => `${key} ${oneText(each)}`).join(", ");
};

/** What is null or absent is no value. */
const flatten = (into: Map<string, string>, path: string, value: unknown): void => {
  if (value === null || value === undefined) return;
  if (!deep.includes(path) || typeof value !== "object") into.set(path, oneText(value));
  else for (const [key, each] of Object.entries(value)) if (isTold(key, each)) flatten(into, path === "" ? key : `${path}.${key}`, each);
};

const actorValues = (world: World, state: Row, at: number): ReadonlyMap<string, string> => {
  const values = new Map<string, string>();
  const actor = world.actorAt(state, at);
  if (actor === undefined) return values;
  values.set("is", actor.kind === "dead" || actor.kind === "gone" ? "down" : "up");
  if (actor.kind === "cpu" || actor.kind === "coordinator") {
    flatten(values, "", actor.state);
    for (const { timer } of actor.timers) values.set(`timer ${timer}`, "armed");
  }
  if (actor.kind === "coordinator" || actor.kind === "gone") flatten(values, "asks the register", actor.proposal);
  return values;
};

export const valuesOf = (world: World, state: Row): Values => {
  const { layout, registers } = world;
  const values = new Map<string, ReadonlyMap<string, string>>();
  for (let at = 0; at < layout.inboxes; at++) {
    if (state[at] === never) continue;
    const name = nameAt(world, at);
    values.set(name, actorValues(world, state, at));
    values.set(`on its way to ${name}`, new Map(world.packetsTo(state, at).map((input) => [inputText(world, input), "there"])));
  }
  const register = new Map<string, string>();
  flatten(register, "", registers.value(state[layout.register] as number) ?? {});
  values.set("register", register);
  const budgets = world.budgets.map((budget): [string, string] => [budget, String(left(state[layout.budgets] as number, budget))]);
  values.set("may still go wrong", new Map(budgets));
  return values;
};

const none: ReadonlyMap<string, string> = new Map();

export const changesBetween = (before: Values, after: Values): readonly Change[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((of) => {
    const [was, is] = [before.get(of) ?? none, after.get(of) ?? none];
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((field): Change[] => {
      const change = { of, field, before: was.get(field) ?? "", after: is.get(field) ?? "" };
      return change.before === change.after ? [] : [change];
    });
  });
