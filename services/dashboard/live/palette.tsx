// The palette of faults: a click strikes the machine that is on, or is kept for the one that is started next; any other fault can be typed.
import { useSignal } from "@preact/signals";
import type { Phase } from "../../../shared/protocol/messages.ts";
import type { LiveRun } from "../../serve/api.ts";
import { liveClicks } from "./clicks.ts";
import { send } from "./session.ts";
import { nextFaults, nextModel } from "./startForm.tsx";

/** Phases that a stop has and those that a transition has, in which a fault makes a difference. */
const stopPhases: readonly Phase[] = ["gather", "prepare", "disable-irq", "run", "exit"];
const transitionPhases: readonly Phase[] = ["start", "check", "signal", "reverse", "force", "complete"];
const gradualModels: readonly string[] = ["kgraft", "hybrid", "immediate"];

interface Props {
  readonly run: LiveRun | null;
  readonly canSteer: boolean;
}

export const Palette = ({ run, canSteer }: Props) => {
  const cpu = useSignal("1");
  const phase = useSignal<Phase | "">("");
  const typed = useSignal("");
  const isOn = run !== null && run.phase !== "ended";
  const isGradual = isOn ? run.model.gradual : gradualModels.includes(nextModel.value);
  const offered = isGradual ? transitionPhases : stopPhases;
  const chosen = phase.value !== "" && offered.includes(phase.value) ? phase.value : (offered[isGradual ? 0 : 1] as Phase);
  const strike = async (fault: string): Promise<boolean> => {
    if (isOn) return send({ do: "inject", fault });
    nextFaults.value = [...nextFaults.value, fault];
    return true;
  };
  const type = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (typed.value.trim() !== "" && (await strike(typed.value.trim()))) typed.value = "";
  };
  return (
    <div class="palette">
      <h3>{isOn ? "Faults: a click strikes this machine" : "Faults for the machine that is started next"}</h3>
      <div class="row">
        <label class="field">
          <span>CPU</span>
          <input
            inputMode="numeric"
            value={cpu.value}
            size={4}
            data-testid="fault-cpu"
            onInput={({ currentTarget }) => {
              cpu.value = currentTarget.value.replaceAll(/\D/g, "");
            }}
          />
        </label>
        <label class="field">
          <span>Phase</span>
          <select
            value={chosen}
            data-testid="fault-phase"
            onChange={({ currentTarget }) => {
              phase.value = currentTarget.value as Phase;
            }}
          >
            {offered.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div class="clicks">
        {liveClicks.map(({ name, title, says, text }) => (
          <button
            key={name}
            type="button"
            disabled={!canSteer || run?.phase === "starting"}
            title={says}
            data-testid={`fault-${name}`}
            onClick={() => void strike(text(chosen, Number(cpu.value)))}
          >
            {title}
          </button>
        ))}
      </div>
      <form class="row" onSubmit={type}>
        <input
          class="typed"
          value={typed.value}
          placeholder="drop 10% of ack during prepare"
          aria-label="A fault in the grammar of quiesce list faults"
          data-testid="fault-typed"
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
          }}
        />
        <button type="submit" disabled={!canSteer} data-testid="fault-add">
          {isOn ? "Strike" : "Add"}
        </button>
      </form>
      {!isOn && <Kept />}
    </div>
  );
};

/** What the next machine starts with, each with a way to take it out again. */
const Kept = () => (
  <ul class="plain" data-testid="kept-faults">
    {nextFaults.value.map((fault, i) => (
      <li key={i} class="row">
        <code>{fault}</code>
        <button
          type="button"
          aria-label={`Leave out ${fault}`}
          onClick={() => {
            nextFaults.value = nextFaults.value.filter((_, place) => place !== i);
          }}
        >
          ×
        </button>
      </li>
    ))}
  </ul>
);
