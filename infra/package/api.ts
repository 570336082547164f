// Writes docs/api.md from what the library exports: each name with its docstring and its declaration, straight from the source.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Comment, type Directive, parseSync, type Statement } from "oxc-parser";

const root = fileURLToPath(new URL("../..", import.meta.url));
const entry = join(root, "services/library/main.ts");

type Node = Directive | Statement;

interface File {
  readonly text: string;
  readonly body: readonly Node[];
  readonly comments: readonly Comment[];
}

/** One exported name: what it is called there, and where it is declared. */
interface Exported {
  readonly name: string;
  readonly local: string;
  readonly file: string;
}

const parse = (path: string): File => {
  const text = readFileSync(path, "utf8");
  const { program, comments } = parseSync(path, text);
  return { text, body: program.body, comments };
};

const nameOf = (node: { readonly type: string }): string => ("name" in node ? String(node.name) : "");

const exportsOf = ({ body }: File): readonly Exported[] =>
  body.flatMap((node) => {
    if (node.type !== "ExportNamedDeclaration" || node.source === null) return [];
    const file = join(dirname(entry), node.source.value);
    return node.specifiers.map(({ exported, local }) => ({ name: nameOf(exported), local: nameOf(local), file }));
  });

/** The text of a declaration without what only its author needs: of a function its signature, of a class how it is made. */
const declarationOf = (node: Node, local: string, text: string): { readonly code: string; readonly isType: boolean } | undefined => {
  if (node.type !== "ExportNamedDeclaration" || node.declaration === null) return undefined;
  const { declaration } = node;
  switch (declaration.type) {
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return declaration.id.name === local ? { code: text.slice(declaration.start, declaration.end), isType: true } : undefined;
    case "ClassDeclaration": {
      if (declaration.id?.name !== local) return undefined;
      const made = declaration.body.body.find((member) => member.type === "MethodDefinition" && member.kind === "constructor");
      if (made?.type !== "MethodDefinition" || made.value.body === null) return undefined;
      const head = text.slice(declaration.start, declaration.body.start);
      return { code: `${head}{\n  ${text.slice(made.start, made.value.body.start).trimEnd()};\n}`, isType: false };
    }
    case "VariableDeclaration": {
      const found = declaration.declarations.find(({ id }) => nameOf(id) === local);
      if (found === undefined) return undefined;
      const { id, init } = found;
      const end = init?.type === "ArrowFunctionExpression" ? (init.returnType?.end ?? init.body.start) : id.end;
      return { code: `const ${text.slice(id.start, end)};`, isType: false };
    }
    default:
      return undefined;
  }
};

/** The docstring that ends where the node begins, as text. */
const docstringOf = ({ text, comments }: File, start: number): string => {
  const above = comments.findLast(({ end }) => end <= start && text.slice(end, start).trim() === "");
  if (above?.type !== "Block" || !above.value.startsWith("*")) return "";
  return above.value
    .slice(1)
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, "").trimEnd())
    .join(" ")
    .trim();
};

interface Section {
  readonly isType: boolean;
  readonly text: string;
}

const sectionOf = ({ name, local, file }: Exported): Section => {
  const source = parse(file);
  for (const node of source.body) {
    const found = declarationOf(node, local, source.text);
    if (found === undefined) continue;
    const code = name === local ? found.code : found.code.replace(local, name);
    const where = relative(root, file);
    const lines = [`### ${name}`, "", docstringOf(source, node.start), "", "```ts", code, "```", "", `Declared in \`${where}\`.`, ""];
    return { isType: found.isType, text: lines.filter((line, i) => line !== "" || lines[i - 1] !== "").join("\n") };
  }
  throw new Error(`${file} exports no ${local}`);
};

const introduction = `# The library

What \`import { ... } from "quiesce"\` gives to a program. This page is written from the source by \`npm run api\`, and a test compares the two.
Times are integers in virtual nanoseconds unless a name says otherwise. Whatever a function cannot use it refuses with \`BadInput\`.

Node refuses TypeScript below \`node_modules\`, so the package is JavaScript with types beside it; a program of yours runs as \`node program.ts\` with Node 24.

- [examples/model.ts](../examples/model.ts) defines a consistency model and sets it beside the one that it comes from.
- [examples/workload.ts](../examples/workload.ts) defines a workload, runs a machine under faults, and explores a small one.

The package follows semantic versioning: what is on this page changes only with the first number (before 1.0 with the second), and CHANGELOG.md says how.
`;

const apiPage = (): string => {
  const sections = exportsOf(parse(entry)).map(sectionOf);
  const part = (title: string, isType: boolean): string =>
    [`## ${title}`, "", ...sections.filter((section) => section.isType === isType).map(({ text }) => text)].join("\n");
  return `${introduction}\n${part("Functions and values", false)}\n${part("Types", true)}`;
};

const page = join(root, "docs/api.md");

// With --check nothing is written: exit 1 says that the page is not what the source says.
if (process.argv.includes("--check")) process.exitCode = readFileSync(page, "utf8") === apiPage() ? 0 : 1;
else writeFileSync(page, apiPage());
