// The palette of faults: a click strikes the machine that is on, or is kept for the one that is started next; any other fault can be typed.
import { useSignal } from "@preact/signals";
import { isProblem, parseFault } from "../../../shared/nemesis/grammar.ts";
import type { Phase } from "../../../shared/protocol/messages.ts";
import type { LiveRun } from "../../serve/api.ts";
import { type LiveClick, liveClicks } from "./clicks.ts";
import { carriedOut, send, trouble } from "./session.ts";
import { nextFaults, nextIsGradual } from "./startForm.tsx";

/** Phases that a stop has and those that a transition has, in which a fault makes a difference. */
const stopPhases: readonly Phase[] = ["gather", "prepare", "disable-irq", "run", "exit"];
const transitionPhases: readonly Phase[] = ["start", "check", "signal", "reverse", "force", "complete"];

interface Props {
  readonly run: LiveRun | null;
  readonly canSteer: boolean;
}

/** Strikes the machine that is on, or keeps the fault for the next one; true if that was possible. */
const strike = async (isOn: boolean, fault: string): Promise<boolean> => {
  const read = parseFault(fault);
  trouble.value = isProblem(read) ? read.message : "";
  carriedOut.value = "";
  if (isProblem(read)) return false;
  if (isOn) return send({ do: "inject", fault });
  nextFaults.value = [...nextFaults.value, fault];
  carriedOut.value = "Kept for the machine that is started next.";
  return true;
};

/** Whom a click strikes, and in which phase. */
interface Aim {
  readonly cpu: string;
  readonly phase: Phase;
}

interface AimProps {
  readonly aim: Aim;
  readonly phases: readonly Phase[];
  readonly onChange: (aim: Aim) => void;
}

const AimFields = ({ aim, phases, onChange }: AimProps) => (
  <div class="row">
    <label class="field">
      <span>CPU</span>
      <input
        inputMode="numeric"
        value={aim.cpu}
        size={4}
        data-testid="fault-cpu"
        onInput={({ currentTarget }) => onChange({ ...aim, cpu: currentTarget.value.replaceAll(/\D/g, "") })}
      />
    </label>
    <label class="field">
      <span>Phase</span>
      <select
        value={aim.phase}
        data-testid="fault-phase"
        onChange={({ currentTarget }) => onChange({ ...aim, phase: currentTarget.value as Phase })}
      >
        {phases.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  </div>
);

const Typed = ({ isOn, canSteer }: { readonly isOn: boolean; readonly canSteer: boolean }) => {
  const typed = useSignal("");
  const take = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (typed.value.trim() !== "" && (await strike(isOn, typed.value.trim()))) typed.value = "";
  };
  return (
    <form class="row" onSubmit={take}>
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
  );
};

/** No number is no CPU: 0 would be one. */
const click = ({ ofCpu, text }: LiveClick, isOn: boolean, cpu: string, phase: Phase): void => {
  if (ofCpu && cpu === "") trouble.value = "No CPU is chosen: write its number above the faults.";
  else void strike(isOn, text(phase, Number(cpu)));
};

export const Palette = ({ run, canSteer }: Props) => {
  const aim = useSignal<Aim>({ cpu: "1", phase: "prepare" });
  const isOn = run !== null && run.phase !== "ended";
  const isGradual = isOn ? run.model.gradual : nextIsGradual.value;
  const phases = isGradual ? transitionPhases : stopPhases;
  const { cpu, phase } = aim.value;
  const chosen = phases.includes(phase) ? phase : (phases[0] as Phase);
  return (
    <div class="palette">
      <h3>{isOn ? "Faults: a click strikes this machine" : "Faults for the machine that is started next"}</h3>
      <AimFields
        aim={{ cpu, phase: chosen }}
        phases={phases}
        onChange={(next) => {
          aim.value = next;
        }}
      />
      <div class="clicks">
        {liveClicks.map((each) => (
          <button
            key={each.name}
            type="button"
            disabled={!canSteer || run?.phase === "starting"}
            title={each.says}
            data-testid={`fault-${each.name}`}
            onClick={() => click(each, isOn, cpu, chosen)}
          >
            {each.title}
          </button>
        ))}
      </div>
      <Typed isOn={isOn} canSteer={canSteer} />
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
