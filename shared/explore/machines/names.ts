// Steps of a world in words: who does what, and what was announced by it.
import { format } from "../../machine/cpuSet.ts";
import { actorName, coordinatorActor } from "../../machine/machine.ts";
import type { Fact } from "../../protocol/facts.ts";
import { isRoundMessage, type Message, type Stamp } from "../../protocol/messages.ts";
import type { Step } from "./aftermath.ts";
import type { World } from "./world.ts";

const stampOf = ({ term, epoch, round }: Stamp): string => `term ${term}, epoch ${epoch}, round ${round}`;

const messageText = (msg: Message): string => {
  if (isRoundMessage(msg)) {
    const more = "outcome" in msg.ask ? ` ${msg.ask.outcome}` : "step" in msg.ask ? ` step ${msg.ask.step}` : "";
    return `${msg.ask.do}${more} (${stampOf(msg)})`;
  }
  switch (msg.kind) {
    case "ack":
      return `the ack "${msg.report.kind}" of cpu${format(msg.cpus)} (${stampOf(msg)}, incarnation ${msg.incarnation})`;
    case "withdraw":
      return `the withdrawal of cpu${msg.cpu} (term ${msg.term}, epoch ${msg.epoch})`;
    case "hello":
      return `hello of cpu${msg.cpu}, incarnation ${msg.incarnation}`;
    case "welcome":
      return `welcome to incarnation ${msg.incarnation} (term ${msg.term}, epoch ${msg.epoch}, version ${msg.version})`;
    case "call":
    case "call-done":
      return `${msg.kind} ${msg.id}`;
    case "reschedule":
      return "a reschedule";
    case "control":
      return msg.do;
  }
};

export const inputText = (world: World, id: number): string => {
  const input = world.actors.inputs.value(id);
  if (input.kind === "died") return `the notice that incarnation ${input.incarnation} of cpu${input.cpu} has died`;
  return input.kind === "deliver" ? messageText(input.msg) : input.kind;
};

/** Places of the row are named as actors are. */
export const nameAt = ({ layout }: World, at: number): string => actorName(at < layout.cpus ? at : coordinatorActor(at - layout.cpus));

/** The step in the present tense: `cpu1 receives gather (term 1, epoch 1, round 1)`. */
export const stepText = (world: World, step: Step): string => {
  const name = nameAt(world, step.actor);
  switch (step.do) {
    case "deliver":
    case "copy": {
      const met = step.met === null ? "" : `, and finds its task ${step.met === "user" ? "in user mode" : step.met}`;
      const again = step.do === "copy" ? ", of which a copy is still on its way" : "";
      return `${name} receives ${inputText(world, step.input)}${again}${met}`;
    }
    case "drop":
      return `lost: ${inputText(world, step.input)} to ${name}`;
    case "timeout":
      return `the ${step.timer} timer of ${name} runs out${step.checks ? " once more, and it asks the register too" : ""}`;
    case "answer":
      return `the register answers ${name}`;
    case "arrive":
      return `what ${name} wrote before its crash arrives at the register`;
    case "crash":
      return `${name} crashes`;
    case "lose-write":
      return `${name} crashes, and what it wrote never arrives`;
    case "start":
      return `${name} starts`;
    case "second":
      return `${name} starts beside the one that lives`;
    case "task":
      return `the task of ${name} ${step.step}`;
  }
};

/** A fact by its name and what tells it apart from others of that name. */
export const factText = (fact: Fact): string => {
  switch (fact.fact) {
    case "asked":
      return `asked ${fact.ask.do} of ${format(fact.of)}`;
    case "round-ended":
      return `round-ended ${fact.phase}`;
    case "decided":
    case "closed":
      return `${fact.fact} ${fact.outcome}`;
    case "resumed":
      return `resumed ${fact.outcome} on version ${fact.version}`;
    case "voted":
      return `voted ${fact.report.kind}`;
    case "switched":
      return `switched ${fact.count}, ${fact.pending} pending`;
    case "running":
      return `running version ${fact.version}`;
    case "took":
      return `took term ${fact.term}`;
    default:
      return fact.fact;
  }
};
