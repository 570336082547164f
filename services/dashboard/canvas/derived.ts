// A value that follows signals of a playback, and of the next playback when there is one: `useComputed` would go on following the first.
import { computed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Playback } from "./playback.ts";

export const useDerived = <T>(playback: Playback, derive: () => T): ReadonlySignal<T> => useMemo(() => computed(derive), [playback]);
