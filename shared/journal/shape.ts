// What a journal line must look like: names, kinds and the types of what every kind carries, as tables.
//
// A journal is a file that somebody may have edited. What is checked here is what the machines and folds take for granted; that a
// message also makes sense is for replay to say.

import type { Actor } from "../machine/machine.ts";
import { coordinatorActor } from "../machine/machine.ts";
import type { Fact } from "../protocol/facts.ts";
import { messageKinds } from "../protocol/messages.ts";
import type { EntryKind, InputBody, OutputBody } from "./entry.ts";
import { isObject } from "./lines.ts";

type Check = "integer" | "text" | "object" | "object or null" | "list";

const checks: Readonly<Record<Check, (value: unknown) => boolean>> = {
  integer: (value) => Number.isSafeInteger(value),
  text: (value) => typeof value === "string",
  object: isObject,
  "object or null": (value) => value === null || isObject(value),
  list: Array.isArray,
};

type Shape = Readonly<Record<string, Check>>;

const inputs: Readonly<Record<InputBody["kind"], Shape>> = {
  start: { incarnation: "integer" },
  deliver: { from: "integer", msg: "object" },
  timeout: { timer: "text" },
  register: { revision: "integer", record: "object or null" },
  died: { cpu: "integer", incarnation: "integer" },
  nmi: {},
};

const outputs: Readonly<Record<OutputBody["kind"], Shape>> = {
  send: { msg: "object", afterNs: "integer" },
  "set-timer": { timer: "text", afterNs: "integer" },
  "cancel-timer": { timer: "text" },
  propose: { revision: "integer", record: "object or null" },
};

const ofCpu: Shape = { cpu: "integer", incarnation: "integer" };
const ofRound: Shape = { ...ofCpu, term: "integer", epoch: "integer", round: "integer" };
const ofLife: Shape = { life: "integer", term: "integer" };
const ofEpoch: Shape = { ...ofLife, epoch: "integer" };

const facts: Readonly<Record<Fact["fact"], Shape>> = {
  booted: ofCpu,
  running: { ...ofCpu, version: "integer" },
  blocked: { ...ofRound, task: "text", function: "text", why: "text" },
  held: { ...ofRound, census: "object" },
  stopped: ofRound,
  voted: { ...ofRound, report: "object", census: "object" },
  wrote: ofRound,
  switched: {
    ...ofRound,
    target: "integer",
    pending: "integer",
    count: "integer",
    inKernel: "integer",
    forced: "integer",
    onStack: "list",
    onStackCount: "integer",
    mixed: "integer",
    unexplained: "integer",
    flag: "object or null",
  },
  poked: { ...ofRound, batch: "integer", step: "integer", target: "integer" },
  resumed: { ...ofRound, outcome: "text", version: "integer", census: "object", straddles: "list" },
  withdrew: { ...ofCpu, term: "integer", epoch: "integer" },
  "interrupts-off": { ...ofCpu, forNs: "integer" },
  ignored: { ...ofCpu, message: "text" },
  "call-stuck": { ...ofCpu, callee: "integer", waitedNs: "integer" },
  "call-ended": { ...ofCpu, callee: "integer", waitedNs: "integer", resent: "integer" },
  took: ofLife,
  "stood-down": ofLife,
  died: { ...ofLife, cpu: "integer", incarnation: "integer" },
  admitted: { ...ofLife, incarnations: "list", version: "integer" },
  opened: { ...ofEpoch, operation: "text", target: "integer", attempt: "integer", participants: "list", incarnations: "list" },
  asked: { ...ofEpoch, round: "integer", ask: "object", of: "list" },
  "round-ended": { ...ofEpoch, round: "integer", phase: "text", acks: "integer", resent: "integer", late: "integer" },
  decided: { ...ofEpoch, outcome: "text", reason: "object or null" },
  closed: { ...ofEpoch, outcome: "text", version: "integer" },
  finished: { ...ofLife, outcome: "text", version: "integer" },
  disregarded: { ...ofLife, message: "text" },
};

const misfit = (shape: Shape, body: Readonly<Record<string, unknown>>): string | undefined => {
  for (const key in shape) {
    const check = shape[key] as Check;
    if (!checks[check](body[key])) return `body.${key} is not ${check === "text" ? "a text" : check === "list" ? "a list" : `an ${check}`}`;
  }
  return undefined;
};

/** By the word that says which of its kind a body is. */
const tables: Readonly<Record<EntryKind, { readonly key: string; readonly shapes: Readonly<Record<string, Shape>> }>> = {
  input: { key: "kind", shapes: inputs },
  output: { key: "kind", shapes: outputs },
  fact: { key: "fact", shapes: facts },
  fault: { key: "", shapes: { "": { text: "text", effect: "text" } } },
};

export const entryKinds = Object.keys(tables) as readonly EntryKind[];

/** Why this is no body of an entry of `kind`, or undefined if it is one. */
export const bodyProblem = (kind: EntryKind, body: unknown): string | undefined => {
  if (!isObject(body)) return "body is not an object";
  const { key, shapes } = tables[kind];
  const word = key === "" ? "" : body[key];
  const shape = typeof word === "string" && Object.hasOwn(shapes, word) ? shapes[word] : undefined;
  if (shape === undefined) return `body.${key} ${JSON.stringify(word)} is no ${kind} of this program`;
  const problem = misfit(shape, body);
  if (problem !== undefined || !("msg" in shape)) return problem;
  const { kind: said } = body.msg as { readonly kind?: unknown };
  return (messageKinds as readonly unknown[]).includes(said)
    ? undefined
    : `body.msg.kind ${JSON.stringify(said)} is no message of this program`;
};

/** The actor of a name as `actorName` prints it. */
export const actorOf = (name: unknown): Actor | undefined => {
  if (typeof name !== "string") return undefined;
  const match = /^(cpu|coordinator)(0|[1-9]\d{0,8})$/.exec(name);
  if (match === null) return undefined;
  return match[1] === "cpu" ? Number(match[2]) : coordinatorActor(Number(match[2]));
};
