// Who says what to whom: the simulated IPIs, and the one record that outlives a coordinator. Rules: docs/protocol.md.
import type { Course } from "../kernel/life.ts";
import type { CpuSet } from "../machine/cpuSet.ts";

/** Orders everything that a coordinator says: a life of it, an attempt, what is asked within the attempt. */
export interface Stamp {
  readonly term: number;
  readonly epoch: number;
  readonly round: number;
}

export type Outcome = "committed" | "aborted";

/** What a round of a stop asks. It never changes within the round. */
export type StopAsk =
  | { readonly do: "gather"; readonly pass: "sleepers" | "all" }
  | { readonly do: "prepare" }
  /** `walker`: the CPU that walks the tasks of the whole machine where the model's walk is serial. */
  | { readonly do: "disable-irq"; readonly walker: number }
  | { readonly do: "run"; readonly active: number }
  | { readonly do: "exit"; readonly outcome: Outcome; readonly version: number };

/**
 * What a round of a transition asks. Each of the first five says the same: every task that is not on `target` is to switch to it.
 * A `check` also looks at stacks again, as `start` does; `signal` also wakes sleepers; `reverse` is a start towards where the tasks
 * came from; `force` switches everyone, whatever is on the stack. Thus each can be obeyed whatever came, or was lost, before it.
 */
export interface SwitchAsk extends Course {
  readonly do: "start" | "check" | "signal" | "reverse" | "force";
  /** The CPU whose current task asks: it runs the transition's code, so that its idle task is not running there. */
  readonly caller: number;
  /** The batch of functions that is to switch by itself (switch = function); null: all of the patch set. */
  readonly batch: number | null;
}

/** `complete` and `cancel` end the transition, on `version`. */
export type TransitionAsk = SwitchAsk | EndAsk;

export interface EndAsk {
  readonly do: "complete" | "cancel";
  readonly version: number;
}

/** Breakpoint patching (arch/x86/kernel/alternative.c, text_poke_bp_batch), and `sync`: run an empty work item. */
export type TextAsk = ({ readonly do: "poke"; readonly batch: number; readonly step: 1 | 2 | 3 } & Course) | { readonly do: "sync" };

export type Ask = StopAsk | TransitionAsk | TextAsk;

/** What rounds ask, by name: what fault rules and reports speak of. A stop's come first, in their order. */
export type Phase = Ask["do"];

export const phases: readonly Phase[] = [
  "gather",
  "prepare",
  "disable-irq",
  "run",
  "exit",
  "poke",
  "start",
  "check",
  "signal",
  "reverse",
  "force",
  "sync",
  "complete",
  "cancel",
];

/** A task that may not leave or switch yet, the function that it is in, and why not. */
export interface Busy {
  readonly task: string;
  readonly function: string;
  readonly why: string;
}

/** What an ack reports: done; the active CPU wrote the text; the vote; tasks that have not switched (how many, and the first few). */
export type Report =
  | { readonly kind: "done" }
  | { readonly kind: "wrote" }
  | { readonly kind: "clear" }
  | { readonly kind: "busy"; readonly busy: readonly Busy[] }
  | { readonly kind: "pending"; readonly busy: readonly Busy[] };

/** Where a round goes by a tree: the receiver, the lowest of the subtree, is to hand the ask on to the others and to answer with them. */
export interface Relay {
  /** In how many parts, at most, each combiner cuts those below it. */
  readonly fanout: number;
  readonly subtree: CpuSet;
}

/** What messages of a round have in common. Without a relay nobody else is to be asked: so it is at the ends of a tree, and in every repeat. */
interface Asking extends Stamp {
  readonly relay?: Relay;
}

export interface Stop extends Asking {
  readonly kind: "stop";
  readonly ask: StopAsk;
}

export interface Transition extends Asking {
  readonly kind: "transition";
  readonly ask: TransitionAsk;
}

export interface Text extends Asking {
  readonly kind: "text";
  readonly ask: TextAsk;
}

/** What a coordinator says in a round. */
export type RoundMessage = Stop | Transition | Text;

const isStopAsk = (ask: Ask): ask is StopAsk => phases.indexOf(ask.do) <= phases.indexOf("exit");
const isTextAsk = (ask: Ask): ask is TextAsk => ask.do === "poke" || ask.do === "sync";

/** The message that asks this in this round. */
export const roundMessage = ({ term, epoch, round }: Stamp, ask: Ask): RoundMessage => {
  if (isStopAsk(ask)) return { kind: "stop", term, epoch, round, ask };
  return isTextAsk(ask) ? { kind: "text", term, epoch, round, ask } : { kind: "transition", term, epoch, round, ask };
};

const bringing: readonly Phase[] = ["start", "check", "signal", "reverse", "force"];

/** True for what asks tasks to switch. */
export const isSwitchAsk = (ask: Ask): ask is SwitchAsk => bringing.includes(ask.do);

/** True for what a coordinator asks of CPUs in a round. */
export const isRoundMessage = (msg: Message): msg is RoundMessage =>
  msg.kind === "stop" || msg.kind === "transition" || msg.kind === "text";

/** Answers a `hello`, once the register knows the incarnation. */
export interface Welcome {
  readonly kind: "welcome";
  readonly term: number;
  readonly epoch: number;
  readonly cpu: number;
  readonly incarnation: number;
  readonly version: number;
}

/** The same answer of one CPU or of many, each in the same incarnation: always a set, never a count, so that a copy changes nothing. */
export interface Ack extends Stamp {
  readonly kind: "ack";
  readonly cpus: CpuSet;
  readonly incarnation: number;
  readonly report: Report;
  /** The combiner that brings what those below it, and perhaps itself, have said; absent where each speaks for itself. */
  readonly carrier?: number;
}

/** "I was held too long and let my tasks go: count me out of this epoch." */
export interface Withdraw {
  readonly kind: "withdraw";
  readonly term: number;
  readonly epoch: number;
  readonly cpu: number;
  readonly incarnation: number;
}

export interface Hello {
  readonly kind: "hello";
  readonly cpu: number;
  readonly incarnation: number;
}

/** A function call on another CPU with wait; `incarnation` is the caller's, so that its ids are its own. */
export interface Call {
  readonly kind: "call";
  readonly id: number;
  readonly incarnation: number;
}

export interface CallDone {
  readonly kind: "call-done";
  readonly id: number;
  readonly incarnation: number;
}

/** "Look again whom you should run": nobody waits for it and nobody answers. `sentNs` is when it left, by the sender's clock. */
export interface Reschedule {
  readonly kind: "reschedule";
  readonly sentNs: number;
  readonly incarnation: number;
}

/**
 * What somebody in charge asks of a coordinator: another operation after those of the run, or to turn or force the transition that is
 * under way. It is not durable: a coordinator that dies takes it along.
 */
export type Control =
  | { readonly kind: "control"; readonly do: "reverse" | "force" }
  | { readonly kind: "control"; readonly do: "operate"; readonly operation: Operation };

export type ToCpu = RoundMessage | Welcome | Call | CallDone | Reschedule;
export type ToCoordinator = Ack | Withdraw | Hello;
export type Message = ToCpu | ToCoordinator | Control;
export type MessageKind = Message["kind"];
export const messageKinds: readonly MessageKind[] = [
  "stop",
  "transition",
  "text",
  "welcome",
  "ack",
  "withdraw",
  "hello",
  "call",
  "call-done",
  "control",
  "reschedule",
];

export type Operation = "patch" | "unpatch";

/** All that must outlive a coordinator. Written only by compare-and-set on its revision. */
export interface Register {
  readonly term: number;
  /** The coordinator life that holds the term: two that propose the same term must be able to tell who won. */
  readonly holder: number;
  readonly epoch: number;
  readonly state: "open" | "commit" | "abort" | "done";
  /** How the epoch was decided; kept in `done`. */
  readonly outcome: Outcome | null;
  readonly operation: Operation;
  readonly patch: string;
  /** How many operations of the run's list have been committed, so that a new coordinator knows what is left to do. */
  readonly step: number;
  /** How many epochs of the current operation have been opened. */
  readonly attempt: number;
  /** The version in force: of the last commit. */
  readonly version: number;
  /** The version that a commit of this epoch brings. */
  readonly target: number;
  /** Admitted CPUs; while a stop is open, its participants. */
  readonly participants: CpuSet;
  /** The admitted incarnation of each CPU where that is above 1, ascending by CPU. */
  readonly incarnations: ReadonlyArray<readonly [cpu: number, incarnation: number]>;
}
