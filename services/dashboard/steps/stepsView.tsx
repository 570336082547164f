// A counterexample that a search has found, step by step: what is done, what it changes, and which promises hold after it.
import { useEffect } from "preact/hooks";
import type { PathStep, PropertyReport } from "../../../shared/explore/explore.ts";
import type { Change } from "../../../shared/explore/machines/changes.ts";
import { askJson, askText } from "../background/ask.ts";
import { useLoaded } from "../background/loaded.ts";
import { addressOf, goTo } from "../route.ts";
import { CopyLine } from "../runs/verdict.tsx";

interface Path {
  readonly schema: "quiesce.path/1";
  readonly property: string;
  readonly reason: string;
  readonly steps: readonly PathStep[];
  readonly properties?: ReadonlyArray<Pick<PropertyReport, "name" | "kind" | "says">>;
}

const load = async (run: string): Promise<{ readonly path: Path; readonly again: string }> => {
  const [path, again] = await Promise.all([askJson<Path>(`runs/${run}/path.json`), askText(`runs/${run}/repro.txt`)]);
  return { path, again: again.trim() };
};

export const StepsView = ({ run, step }: { readonly run: string; readonly step: number }) => {
  const loaded = useLoaded(run, () => load(run));
  if (loaded.is === "loading") return <p>Reading the path of {run} …</p>;
  if (loaded.is === "failed") return <p class="bad">{loaded.why}</p>;
  return <Steps run={run} step={step} {...loaded.value} />;
};

const Steps = ({
  run,
  step,
  path,
  again,
}: {
  readonly run: string;
  readonly step: number;
  readonly path: Path;
  readonly again: string;
}) => {
  const { steps, property, reason, properties = [] } = path;
  const here = Math.max(0, Math.min(steps.length, Math.trunc(step) || 0));
  const go = (to: number): void =>
    goTo(addressOf("runs", [run, "steps"], { step: String(Math.max(0, Math.min(steps.length, to))) }), "replace");
  useEffect(() => {
    const onKey = ({ key, target }: KeyboardEvent): void => {
      if (target instanceof HTMLElement && target.matches("input, select, textarea")) return;
      if (key === "ArrowRight") go(here + 1);
      else if (key === "ArrowLeft") go(here - 1);
      else if (key === "Home") go(0);
      else if (key === "End") go(steps.length);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  const shown = steps[here - 1];
  return (
    <>
      <section class="panel" aria-labelledby="path-title">
        <h2 id="path-title" class="bad" data-testid="broken">
          ✗ {property}: {reason}
        </h2>
        <div class="row">
          <button type="button" disabled={here === 0} onClick={() => go(here - 1)} data-testid="step-back">
            ◀ step
          </button>
          <button type="button" disabled={here === steps.length} onClick={() => go(here + 1)} data-testid="step">
            step ▶
          </button>
          <output class="number" data-testid="step-number">
            {here === 0 ? "after power-on" : `step ${here} of ${steps.length}`}
          </output>
        </div>
      </section>
      <div class="beside">
        <StepList steps={steps} here={here} go={go} />
        <section class="panel" aria-labelledby="changes-title">
          <h2 id="changes-title">What the step changes</h2>
          {shown === undefined ? (
            <p class="quiet">All CPUs are up, and the first epoch is about to be opened.</p>
          ) : (
            <Changes step={shown} />
          )}
        </section>
      </div>
      {properties.length > 0 && <Lights properties={properties} lights={shown?.lights} />}
      <section class="panel" aria-label="Lines to copy">
        <CopyLine name="Replay" line={`./quiesce replay runs/${run}`} />
        <CopyLine name="Again" line={again} />
      </section>
    </>
  );
};

const StepList = ({
  steps,
  here,
  go,
}: {
  readonly steps: readonly PathStep[];
  readonly here: number;
  readonly go: (to: number) => void;
}) => (
  <section class="panel" aria-labelledby="steps-title">
    <h2 id="steps-title">Steps</h2>
    <ol class="happenings" data-testid="steps">
      {steps.map(({ text, facts }, i) => (
        <li key={i} aria-current={i + 1 === here ? "step" : undefined} class={i >= here ? "later" : ""}>
          <button type="button" onClick={() => go(i + 1)}>
            <span class="number">{i + 1}.</span> {text}
            {facts.length > 0 && <span class="quiet"> [{facts.join("; ")}]</span>}
          </button>
        </li>
      ))}
    </ol>
  </section>
);

const Changes = ({ step: { changes = [], text } }: { readonly step: PathStep }) => (
  <>
    <p>{text}</p>
    <table class="changes" data-testid="changes">
      <thead>
        <tr>
          <th scope="col">Of</th>
          <th scope="col">What</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ of, field, before, after }: Change, i) => (
          <tr key={i}>
            <th scope="row">{i > 0 && changes[i - 1]?.of === of ? "" : of}</th>
            <td>{field}</td>
            <td class="quiet">{before}</td>
            <td>{after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </>
);

/** What always has to hold is lit until it is broken; of what is to come about sometime the light is still to come. */
const Lights = ({
  properties,
  lights,
}: {
  readonly properties: NonNullable<Path["properties"]>;
  readonly lights: readonly boolean[] | undefined;
}) => (
  <section class="panel" aria-labelledby="lights-title">
    <h2 id="lights-title">Properties</h2>
    <ul class="lights" data-testid="lights">
      {properties.map(({ name, kind, says }, i) => {
        const holds = lights?.[i] ?? kind === "always";
        const look = holds ? "good" : kind === "always" ? "bad" : "quiet";
        return (
          <li key={name} class={look} title={says} data-testid={`light-${name}`}>
            <b aria-hidden="true">{holds ? "●" : kind === "always" ? "✗" : "○"}</b> {name}{" "}
            <span class="quiet">{holds ? "holds" : kind === "always" ? "broken" : "not yet"}</span>
          </li>
        );
      })}
    </ul>
  </section>
);
