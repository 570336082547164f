// What a pure file may not use: clocks, chance, timers and waiting, without which the same input gives the same output.
import { isPure } from "./arrows.ts";
import { breach, type Place, type Source, type Syntax, walk } from "./source.ts";

const timers: readonly string[] = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"];
const clocksAndChance: readonly string[] = ["Date", "performance", "crypto"];

/** True where an identifier only names a field or a key, and so refers to nothing. */
const isLabel = ({ parent, field }: Place): boolean => (field === "key" || field === "property") && parent.computed !== true;

/** Every place in a pure file that `found` puts a name to. */
const search = (source: Source, found: (node: Syntax, place: Place) => string | undefined): readonly string[] => {
  const breaches: string[] = [];
  if (!isPure(source)) return breaches;
  walk(source.program, (node, place) => {
    const what = found(node, place);
    if (what !== undefined) breaches.push(breach(source, node.start, `uses ${what}`));
  });
  return breaches;
};

const refersTo = (node: Syntax, place: Place, names: readonly string[]): string | undefined =>
  node.type === "Identifier" && names.includes(node.name as string) && !isLabel(place) ? (node.name as string) : undefined;

/** Every use of a clock or of chance. */
export const usesClockOrChance = (source: Source): readonly string[] =>
  search(source, (node, place) => {
    if (node.type === "MemberExpression") {
      const { name: object } = node.object as Syntax;
      const { name, value } = node.property as Syntax;
      if (object === "Math" && (name ?? value) === "random") return "Math.random";
      if (object === "globalThis") return "globalThis";
    }
    return refersTo(node, place, clocksAndChance);
  });

/** Every timer of the host. */
export const usesTimers = (source: Source): readonly string[] => search(source, (node, place) => refersTo(node, place, timers));

/** Every `async` function, `await` and `for await`. */
export const waits = (source: Source): readonly string[] =>
  search(source, (node) => {
    if (node.async === true) return "async";
    return node.type === "AwaitExpression" || node.await === true ? "await" : undefined;
  });
