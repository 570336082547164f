// Files that need each other's values to load: none may, however long the way round. Types may go round in a circle.
import { posix } from "node:path";
import { type Source, type Syntax, walk } from "./source.ts";

/** An import or re-export that is gone when the types are. Without names it is there for what the other file does. */
const isOfTypes = (node: Syntax): boolean => {
  const names = (node.specifiers ?? []) as readonly Syntax[];
  const isType = (kind: unknown): boolean => kind === "type";
  return (
    node.type === "TSImportType" ||
    isType(node.importKind) ||
    isType(node.exportKind) ||
    (names.length > 0 && names.every(({ importKind, exportKind }) => isType(importKind) || isType(exportKind)))
  );
};

/** The files of the project whose values this one needs to load. What is imported when it is called comes later. */
const needsOf = ({ path, program }: Source): readonly string[] => {
  const needs: string[] = [];
  walk(program, (node) => {
    const named = node.source as Syntax | null | undefined;
    if (typeof named?.value !== "string" || !named.value.startsWith(".") || node.type === "ImportExpression" || isOfTypes(node)) return;
    needs.push(posix.join(posix.dirname(path), named.value));
  });
  return needs;
};

/** Every circle that is met, once, as the files that it leads through. */
export const circles = (sources: readonly Source[]): readonly string[] => {
  const needs = new Map(sources.map((source) => [source.path, needsOf(source)]));
  const found: string[] = [];
  const done = new Set<string>();
  const follow = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start >= 0) found.push([...way.slice(start), path].join(" -> "));
    if (start >= 0 || done.has(path)) return;
    for (const next of needs.get(path) ?? []) follow(next, [...way, path]);
    done.add(path);
  };
  for (const path of needs.keys()) follow(path, []);
  return found;
};
