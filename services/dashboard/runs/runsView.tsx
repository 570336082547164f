// The view of recorded runs: a list of them, or the one that the address names.
import type { RunList, RunListed } from "../../serve/api.ts";
import { askJson } from "../background/ask.ts";
import { useLoaded } from "../background/loaded.ts";
import { addressOf, type Route } from "../route.ts";
import { StepsView } from "../steps/stepsView.tsx";
import { RunView } from "./runView.tsx";

export const RunsView = ({ route }: { readonly route: Route }) => {
  const [run, what] = route.path;
  if (run === undefined) return <List />;
  return what === "steps" ? (
    <StepsView run={run} step={Number(route.query.get("step") ?? "0")} />
  ) : (
    <RunView key={run} run={run} query={route.query} />
  );
};

const mostShown = 200;

/** Undefined of what the page cannot show: studies of many runs. */
const wayTo = (id: string, verb: string, files: readonly string[]): string | undefined => {
  if (files.includes("path.json")) return addressOf("runs", [id, "steps"]);
  return files.includes("journal.ndjson") || verb === "shrink" ? addressOf("runs", [id]) : undefined;
};

const List = () => {
  const list = useLoaded("runs", () => askJson<RunList>("runs"));
  if (list.is === "loading") return <p>Looking for runs …</p>;
  if (list.is === "failed") return <p class="bad">{list.why}</p>;
  const { runs, omitted } = list.value;
  if (runs.length === 0)
    return <p data-testid="no-runs">No run is recorded here yet. `./quiesce run` records one, and so does a start in the live view.</p>;
  return (
    <section class="panel wide" aria-labelledby="runs-title">
      <h2 id="runs-title">Recorded runs</h2>
      <table data-testid="runs">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Verdict</th>
            <th scope="col">Model</th>
            <th scope="col">CPUs</th>
            <th scope="col">Engine</th>
            <th scope="col">Seed</th>
          </tr>
        </thead>
        <tbody>
          {runs.slice(0, mostShown).map((run) => (
            <Listed key={run.id} {...run} />
          ))}
        </tbody>
      </table>
      {omitted > 0 && <p class="quiet">{omitted} older ones are not listed.</p>}
    </section>
  );
};

const Listed = ({ id, verb, files, summary }: RunListed) => {
  const way = wayTo(id, verb, files);
  return (
    <tr>
      <th scope="row">{way === undefined ? id : <a href={way}>{id}</a>}</th>
      <td>{summary?.verdict ?? ""}</td>
      <td>{summary?.model.name ?? ""}</td>
      <td class="number">{summary?.cpus ?? ""}</td>
      <td>{summary?.engine ?? ""}</td>
      <td class="number">{summary?.seed ?? ""}</td>
    </tr>
  );
};
