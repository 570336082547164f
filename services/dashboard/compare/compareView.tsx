// The view of compare, which is still to be filled in.
import type { Route } from "../route.ts";

export const CompareView = (_: { readonly route: Route }) => <p>Nothing is shown here yet.</p>;
