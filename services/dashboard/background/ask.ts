// Asks this page's server, and says in one line what it refuses or that it is gone.
import type { Problem } from "../../serve/api.ts";

/** Pages lie beside `api/`, wherever that is. */
const place = (path: string): string => new URL(`api/${path}`, document.baseURI).href;

const get = async (path: string): Promise<Response> => {
  let answer: Response;
  try {
    answer = await fetch(place(path));
  } catch {
    throw new Error("the server of this page does not answer: `./quiesce serve` has ended");
  }
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => null)) as Problem | null;
  throw new Error(problem?.error ?? `the server says ${answer.status}`);
};

/** The page and its server are built from the same types. */
export const askJson = async <T>(path: string): Promise<T> => (await (await get(path)).json()) as T;

export const askText = async (path: string): Promise<string> => (await get(path)).text();

export const addressOfFile = (run: string, file: string): string => place(`runs/${encodeURIComponent(run)}/${file}`);
