// The view of live, which is still to be filled in.
import type { Route } from "../route.ts";

export const LiveView = (_: { readonly route: Route }) => <p>Nothing is shown here yet.</p>;
