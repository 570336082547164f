// The view of experiments, which is still to be filled in.
import type { Route } from "../route.ts";

export const ExperimentsView = (_: { readonly route: Route }) => <p>Nothing is shown here yet.</p>;
