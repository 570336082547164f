// The life of a CPU in steps: one task with a tiny program, which goes on when the search says so, and not with time.
//
// The task computes in user mode, calls a function of the patch set, sleeps there or elsewhere in the kernel, and calls a second one before
// it returns. Where it is matters only while somebody looks; until then it is anywhere, and whoever looks first meets it in each place in
// turn. So the same lives are tried as if it had run all along, without a state for each of its steps that nobody could have seen.
import type { StackReader } from "../../consistency/model.ts";
import type { Aim, Blocker, Census, Course, Flag, Life, Straddle, Switches } from "../../kernel/life.ts";

/** `elsewhere`: in the kernel, in a function that the patch leaves alone. `out of sight`: in a patched one that an unwind does not get to. */
type Place = "anywhere" | "user" | "in patched" | "asleep in patched" | "asleep out of sight" | "asleep elsewhere" | "held";

/** Where a task may be met by whoever looks first. */
export type Met = Exclude<Place, "anywhere" | "held">;

export interface StepwiseLife {
  place: Place;
  /** Whoever looks for it finds the task here. */
  meets: Met;
  /** Somebody looked for a task that was anywhere. */
  looked: boolean;
  gate: "open" | "closed";
  frozen: boolean;
  spinning: boolean;
  version: number;
  /** A fake signal is pending. */
  signalled: boolean;
  /** While tasks or functions switch one by one. */
  crossing: Crossing | null;
}

/** Where to, what the task is on, and what came of it so far. */
interface Crossing {
  target: number;
  version: number;
  /** What calls of the first function and of the second resolve to. */
  calls: [number, number];
  /** What the call that the task is in ran so far; null if it is in none, or switched in the midst of it. */
  ran: number | null;
  /** What interrupt handlers run, where a flag of the CPU tells them. */
  flag: Flag | null;
  count: number;
  inKernel: number;
  forced: number;
  onStack: number;
  /** 1: some call ran both versions though its task did not switch in the midst of it. How many did is not counted: there is no end to that. */
  mixed: number;
}

export interface StepwiseOptions {
  readonly leave: "function" | "patched-set" | "kernel";
  readonly switches: "function" | "task" | "kernel";
  /** A task in user mode switches at its tick too. */
  readonly tick: boolean;
  /** Interrupt handlers follow a flag of their CPU. */
  readonly flag: boolean;
  /** Null where no stack is looked at. */
  readonly reader: StackReader | null;
  /** Unwinds stop short now and then. */
  readonly unwindsFail: boolean;
  /** The task is met in every place, also where that makes no difference to whoever keeps the rules. */
  readonly everywhere: boolean;
  /** Something is promised of what tasks run while functions switch by themselves; else nobody looks for them. */
  readonly followed: boolean;
}

/** What the task runs and what the patch replaces: a name for blame. */
const patchedFunction = "patched_function";
const taskName = "task";

/**
 * The places that make a difference to a model. A gather signals sleepers, so that everyone in the kernel is on the way out; a stop
 * without a gather finds a patched function on a stack or does not; only transitions tell sleepers from those who run.
 */
export const placesOf = (options: StepwiseOptions): readonly Met[] => {
  const unseen: readonly Met[] = options.unwindsFail && options.reader !== null ? ["asleep out of sight"] : [];
  return [...seenPlacesOf(options), ...unseen];
};

const seenPlacesOf = ({ leave, switches, everywhere }: StepwiseOptions): readonly Met[] => {
  const all: readonly Met[] = ["user", "in patched", "asleep in patched", "asleep elsewhere"];
  if (everywhere || (switches === "task" && leave !== "kernel")) return all;
  if (switches === "kernel" && leave === "function") return ["user"];
  return switches === "task" ? ["user", "in patched", "asleep in patched"] : ["user", "in patched"];
};

const inKernel = (life: StepwiseLife): boolean => onStack(life) || life.place === "asleep elsewhere";

const onStack = ({ place }: StepwiseLife): boolean =>
  place === "in patched" || place === "asleep in patched" || place === "asleep out of sight";

export const isAsleep = ({ place }: StepwiseLife): boolean => place.startsWith("asleep");

/** A reliable reader knows when it did not get to the end, and a scan of all words needs no frames. */
const isSeenOnStack = (life: StepwiseLife, { reader }: StepwiseOptions): boolean =>
  onStack(life) && !(life.place === "asleep out of sight" && reader === "best-effort");

const meet = (life: StepwiseLife): void => {
  if (life.place !== "anywhere") return;
  life.looked = true;
  life.place = life.meets;
  if (life.crossing !== null && onStack(life)) life.crossing.ran = life.crossing.calls[0];
};

const blocker = (life: StepwiseLife): Blocker => ({
  task: taskName,
  function: life.spinning ? "smp_call_function_many_cond" : patchedFunction,
  why: life.spinning ? "waiting for another CPU" : "in the kernel",
});

const census = (life: StepwiseLife): Census => ({
  inKernel: inKernel(life) || life.spinning ? 1 : 0,
  unsafe: 0,
  held: life.place === "held" ? 1 : 0,
  // Between a vote and the exit only whether anything moved is asked: a task that is elsewhere has.
  steps: inKernel(life) ? 1 : 0,
  entries: 0,
  version: life.version,
  interrupted: 0,
  onStack: onStack(life) ? 1 : 0,
  heldNs: 0,
});

const straddlesOf = (life: StepwiseLife, { leave }: StepwiseOptions, version: number): readonly Straddle[] => {
  if (version === life.version || !(leave === "kernel" ? inKernel(life) : onStack(life))) return [];
  return [{ task: taskName, patched: onStack(life) ? patchedFunction : null }];
};

// ---- switching ----

const begin = (life: StepwiseLife, { flag }: StepwiseOptions): Crossing => {
  const { version } = life;
  const tally = { count: 0, inKernel: 0, forced: 0, onStack: 0, mixed: 0 };
  life.crossing ??= { target: version, version, calls: [version, version], ran: null, flag: flag ? { version, turns: 0 } : null, ...tally };
  return life.crossing;
};

/** The task is to switch, and has not. */
export const isPending = ({ crossing }: StepwiseLife): boolean => crossing !== null && crossing.version !== crossing.target;

const switchOver = (life: StepwiseLife, forced = false): void => {
  const crossing = life.crossing as Crossing;
  crossing.version = crossing.target;
  crossing.calls = [crossing.target, crossing.target];
  crossing.ran = null;
  crossing.count++;
  if (inKernel(life)) crossing.inKernel++;
  if (forced) crossing.forced++;
  else if (onStack(life)) crossing.onStack++;
};

/** Nobody looks for a task that has nothing left to do. */
const settle = (life: StepwiseLife): void => {
  const isWatched = life.frozen || life.gate === "closed" || isPending(life) || mayMix(life);
  if (isWatched) return;
  life.place = "anywhere";
  life.signalled = false;
  if (life.crossing !== null) life.crossing.ran = null;
};

/** Functions are not of one version, or the call that the task is in began in another. */
const mayMix = ({ crossing }: StepwiseLife): boolean =>
  crossing !== null && (crossing.calls[0] !== crossing.calls[1] || (crossing.ran ?? crossing.calls[1]) !== crossing.calls[1]);

const aim = (life: StepwiseLife, options: StepwiseOptions, { target, looks, signals, forces }: Aim): void => {
  const crossing = begin(life, options);
  crossing.target = target;
  if (crossing.flag !== null && crossing.flag.version !== target) crossing.flag = { version: target, turns: crossing.flag.turns + 1 };
  if (isPending(life)) {
    meet(life);
    if (forces || options.leave === "function") switchOver(life, forces);
    else if (options.leave === "patched-set" && looks && isAsleep(life) && !isSeenOnStack(life, options)) switchOver(life);
    else if (signals) life.signalled = true;
  }
  settle(life);
};

/** Whoever is in the function goes on in it; the task counts as switched at the first redirection. */
const redirect = (life: StepwiseLife, options: StepwiseOptions, batch: number, { target }: Course): void => {
  const crossing = begin(life, options);
  if (batch !== 0 && batch !== 1) throw new Error(`there is no batch ${batch} of functions`);
  if (crossing.calls[batch] === target) return;
  if (options.followed) meet(life);
  crossing.target = target;
  crossing.version = target;
  crossing.calls[batch] = target;
  if (crossing.count === 0) {
    crossing.count = 1;
    crossing.inKernel = inKernel(life) ? 1 : 0;
  }
  if (batch === 0 && onStack(life)) crossing.onStack++;
  settle(life);
};

const switchesOf = ({ crossing }: StepwiseLife): Switches => ({
  count: crossing?.count ?? 0,
  inKernel: crossing?.inKernel ?? 0,
  forced: crossing?.forced ?? 0,
  firstAt: (crossing?.count ?? 0) > 0 ? 0 : null,
  lastAt: (crossing?.count ?? 0) > 0 ? 0 : null,
  onStack: (crossing?.onStack ?? 0) > 0 ? [{ task: taskName, patched: patchedFunction }] : [],
  onStackCount: crossing?.onStack ?? 0,
  mixed: crossing?.mixed ?? 0,
  unexplained: crossing?.mixed ?? 0,
  outgoingUntil: null,
  incomingFrom: null,
  flag: crossing?.flag ?? null,
});

// ---- going on ----

/** Where the task may go from where it is: in a gather straight out, for nobody can see it on its way. */
const waysOn = (life: StepwiseLife): readonly Place[] => {
  switch (life.place) {
    case "user":
      return ["in patched"];
    case "in patched":
      return life.gate === "closed" || life.signalled ? ["user"] : ["asleep in patched", "user"];
    case "asleep in patched":
    case "asleep out of sight":
    case "asleep elsewhere":
      return ["user"];
    default:
      return [];
  }
};

/** What the task may do next, in words; nothing while it is stopped, or while nobody looks. */
export const stepsOf = (life: StepwiseLife, { tick }: StepwiseOptions): readonly string[] => {
  if (life.frozen || life.spinning) return [];
  if (life.gate === "closed") return inKernel(life) ? ["leaves the kernel and is held"] : [];
  const ways = waysOn(life).map((place) =>
    place === "user" ? "returns to user mode" : place === "in patched" ? "enters the kernel" : "sleeps",
  );
  return life.place === "user" && tick && isPending(life) ? [...ways, "is interrupted by the tick"] : ways;
};

/** Takes one of those steps. */
export const takeStep = (life: StepwiseLife, { leave }: StepwiseOptions, step: string): void => {
  switch (step) {
    case "leaves the kernel and is held":
      life.place = "held";
      break;
    case "returns to user mode":
      callSecond(life);
      life.place = "user";
      life.signalled = false;
      if (isPending(life)) switchOver(life);
      break;
    case "enters the kernel":
      // Where models ask no more than to leave the kernel, the boundary counts in both directions.
      if (leave === "kernel" && isPending(life)) switchOver(life);
      life.place = "in patched";
      if (life.crossing !== null) life.crossing.ran = life.crossing.calls[0];
      break;
    case "sleeps":
      life.place = "asleep in patched";
      break;
    case "is interrupted by the tick":
      switchOver(life);
      break;
    default:
      throw new Error(`no task does this: ${step}`);
  }
  // Outside a transition nobody who keeps the rules lets a task go on that somebody has met.
  if (life.crossing !== null) settle(life);
};

const callSecond = ({ crossing }: StepwiseLife): void => {
  if (crossing === null) return;
  if (crossing.ran !== null && crossing.ran !== crossing.calls[1]) crossing.mixed = 1;
  crossing.ran = null;
};

export const stepwiseLife = (options: StepwiseOptions): Life<StepwiseLife> => ({
  boot: (_, __, version) => ({
    place: "anywhere",
    meets: "user",
    looked: false,
    gate: "open",
    frozen: false,
    spinning: false,
    version,
    signalled: false,
    crossing: null,
  }),
  advance: () => undefined,
  hold: (life) => {
    meet(life);
    life.gate = "closed";
    if (life.place === "user") life.place = "held";
  },
  outlook: (life) =>
    inKernel(life) || life.spinning ? { heldAt: life.spinning ? Infinity : 1, last: blocker(life) } : { heldAt: 0, last: undefined },
  freeze: (life) => {
    meet(life);
    life.frozen = true;
  },
  release: (life, version) => {
    const straddles = straddlesOf(life, options, version);
    life.version = version;
    life.gate = "open";
    life.frozen = false;
    settle(life);
    return straddles;
  },
  spin: (life, spinning) => {
    life.spinning = spinning;
  },
  interruptsOnAt: (_, at) => at,
  busy: (life) => {
    meet(life);
    const breaks =
      options.leave === "kernel" ? inKernel(life) || life.spinning : options.leave === "patched-set" && isSeenOnStack(life, options);
    return breaks ? [blocker(life)] : [];
  },
  aim: (life, round) => aim(life, options, round),
  pending: (life) => (isPending(life) ? [{ task: taskName, function: patchedFunction, why: "running" }] : []),
  redirect: (life, batch, course) => redirect(life, options, batch, course),
  switches: switchesOf,
  settle: (life, version) => {
    life.version = version;
    life.crossing = null;
    settle(life);
  },
  census,
});
