// What is on its way to a view: nothing yet, a value, or why there is none.
import { useEffect, useState } from "preact/hooks";

export type Loaded<T> =
  | { readonly is: "loading" }
  | { readonly is: "there"; readonly value: T }
  | { readonly is: "failed"; readonly why: string };

const loading = { is: "loading" } as const;

/** Loads again when `key` changes. Of a load that was overtaken nothing is heard any more; what was there stays until then. */
export const useLoaded = <T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> => {
  const [loaded, set] = useState<Loaded<T>>(loading);
  useEffect(() => {
    const overtaken = new AbortController();
    const { signal } = overtaken;
    set((before) => (before.is === "there" ? before : loading));
    load(signal).then(
      (value) => signal.aborted || set({ is: "there", value }),
      (error: unknown) => signal.aborted || set({ is: "failed", why: error instanceof Error ? error.message : String(error) }),
    );
    return () => overtaken.abort();
  }, [key]);
  return loaded;
};
