// What can be asked of a machine that is on: the other operation, to turn or force a transition, to end.
import type { LiveRun, Order } from "../../serve/api.ts";
import { send } from "./session.ts";

interface Button {
  readonly name: string;
  readonly title: string;
  readonly order: Order;
  /** Why not now; empty where it can be asked. */
  readonly not: string;
}

const buttonsOf = ({ phase, operations, model }: LiveRun): readonly Button[] => {
  const next = operations.at(-1) === "patch" ? "unpatch" : "patch";
  const off = phase === "running" ? "" : phase === "starting" ? "the machine is starting" : "the machine is ending";
  const noTransition = model.gradual ? "" : `${model.name} stops the machine: there is no transition to turn or force`;
  return [
    { name: next, title: next === "patch" ? "Patch" : "Unpatch", order: { do: "operate", operation: next }, not: off },
    { name: "reverse", title: "Reverse", order: { do: "reverse" }, not: off || noTransition },
    { name: "force", title: "Force", order: { do: "force" }, not: off || noTransition },
    { name: "finish", title: "End", order: { do: "finish" }, not: off },
    { name: "stop", title: "End at once", order: { do: "stop" }, not: "" },
  ];
};

export const SteerButtons = ({ run, canSteer }: { readonly run: LiveRun; readonly canSteer: boolean }) => {
  const buttons = buttonsOf(run);
  const reasons = new Set(buttons.map(({ not }) => not).filter((not) => not !== ""));
  return (
    <>
      <div class="row" data-testid="steer-buttons">
        {buttons.map(({ name, title, order, not }) => (
          <button
            key={name}
            type="button"
            disabled={!canSteer || not !== ""}
            onClick={() => void send(order)}
            data-testid={`steer-${name}`}
          >
            {title}
          </button>
        ))}
      </div>
      {[...reasons].map((reason) => (
        <p key={reason} class="quiet" data-testid="why-grey">
          Grey: {reason}.
        </p>
      ))}
    </>
  );
};
