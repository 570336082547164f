// How a file must look: it says what it is, has a name that says it too, and is short enough to be read at once.
import { breach, lineOf, type Source, type Syntax, walk } from "./source.ts";

export const longestFile = 400;
export const longestFunction = 70;

const emptyWords: readonly string[] = ["util", "utils", "helper", "helpers", "common", "misc"];

/** The comment that a file begins with, after a possible `#!` line; line comments in a row are one. */
const headerOf = ({ text, comments }: Source): string => {
  let end = text.startsWith("#!") ? text.indexOf("\n") + 1 : 0;
  const lines: string[] = [];
  for (const comment of comments) {
    const isNext = text.slice(end, comment.start).trim() === "" && (lines.length === 0 || comment.kind === "Line");
    if (!isNext) break;
    lines.push(comment.text.replaceAll(/^\s*\*/gm, "").trim());
    end = comment.end;
    if (comment.kind === "Block") break;
  }
  return lines.join(" ");
};

/** A file that does not begin with a sentence: at least three words and a full stop. */
export const lacksHeader = (source: Source): readonly string[] => {
  const header = headerOf(source);
  const isSentence = /^["'`(]?[\p{L}\d].*[.!?:](\s|$)/su.test(header) && header.split(/\s+/).length >= 3;
  return isSentence ? [] : [`${source.path} does not begin with a comment that says what it is`];
};

/** A file or folder whose name says nothing. */
export const emptyName = (path: string): readonly string[] => {
  const name = path.split("/").at(-1) ?? "";
  return emptyWords.includes((name.split(".")[0] ?? "").toLowerCase()) ? [`${path} has a name that says nothing`] : [];
};

export const longFile = (source: Source): readonly string[] => {
  const lines = source.text.trimEnd().split("\n").length;
  return lines > longestFile ? [`${source.path} has ${lines} lines, more than ${longestFile}`] : [];
};

const functionTypes: readonly string[] = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];

/** The name that a call begins with: `describe` of `describe.each(rows)("name", ...)`. */
const calleeName = (callee: unknown): string | undefined => {
  const { type, name, object, callee: inner } = callee as Syntax;
  if (type === "Identifier") return name as string;
  return type === "MemberExpression" ? calleeName(object) : type === "CallExpression" ? calleeName(inner) : undefined;
};

/** A group of tests is a chapter, not a function: what counts is the length of each test in it. */
const isTestGroup = (parent: Syntax): boolean =>
  parent.type === "CallExpression" && ["describe", "layer"].includes(calleeName(parent.callee) ?? "");

export const longFunctions = (source: Source): readonly string[] => {
  const breaches: string[] = [];
  walk(source.program, (node, { parent }) => {
    if (!functionTypes.includes(node.type) || isTestGroup(parent)) return;
    const lines = lineOf(source, node.end) - lineOf(source, node.start) + 1;
    if (lines > longestFunction) breaches.push(breach(source, node.start, `is a function of ${lines} lines, more than ${longestFunction}`));
  });
  return breaches;
};
