// The application: a bar with the four views, and the one that the address names.
import type { ComponentType } from "preact";
import { CompareView } from "./compare/compareView.tsx";
import { ExperimentsView } from "./experiments/experimentsView.tsx";
import { LiveView } from "./live/liveView.tsx";
import { addressOf, type Route, route } from "./route.ts";
import { RunsView } from "./runs/runsView.tsx";

interface View {
  readonly name: string;
  readonly title: string;
  readonly component: ComponentType<{ readonly route: Route }>;
}

const views: readonly View[] = [
  { name: "live", title: "Live run", component: LiveView },
  { name: "experiments", title: "Experiments", component: ExperimentsView },
  { name: "runs", title: "Runs", component: RunsView },
  { name: "compare", title: "Compare", component: CompareView },
];

const Bar = ({ current }: { readonly current: string }) => (
  <header class="bar">
    <h1>
      <a href={addressOf("live")}>quiesce</a>
    </h1>
    <nav aria-label="Views">
      {views.map(({ name, title }) => (
        <a key={name} href={addressOf(name)} aria-current={name === current ? "page" : undefined} data-testid={`view-${name}`}>
          {title}
        </a>
      ))}
    </nav>
  </header>
);

export const App = () => {
  const here = route.value;
  const view = views.find(({ name }) => name === here.view);
  return (
    <>
      <Bar current={here.view} />
      <main data-testid={`shown-${here.view}`}>
        {view === undefined ? (
          <p>There is no view “{here.view}”. The bar above names those that there are.</p>
        ) : (
          <view.component route={here} />
        )}
      </main>
    </>
  );
};
