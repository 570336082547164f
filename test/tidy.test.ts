// The rules of the house that a tool can check: which way imports point, what stays pure, what a file looks like.
// Each rule is shown first to catch a small bad example, so that a silent pass means something.
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";
import { againstTheArrows, importsNode, unknownLayer } from "./tidy/arrows.ts";
import { circles } from "./tidy/cycles.ts";
import { usesClockOrChance, usesTimers, waits } from "./tidy/purity.ts";
import { emptyName, lacksHeader, longestFile, longestFunction, longFile, longFunctions } from "./tidy/shape.ts";
import { parse, readTree, type Source } from "./tidy/source.ts";

type Rule = (source: Source) => readonly string[];

const { sources, paths } = readTree(fileURLToPath(new URL("..", import.meta.url)));

const all = (rule: Rule) => sources.flatMap(rule);
const holds = (breaches: readonly string[]) => assert.deepStrictEqual(breaches, []);
const catches = (rule: Rule, path: string, text: string) => assert.lengthOf(rule(parse(path, text)), 1, `${path}: ${text}`);
const allows = (rule: Rule, path: string, text: string) => holds(rule(parse(path, text)));

describe("arrows", () => {
  it("the tree that is checked has this file in it", () => {
    assert.include(
      sources.map(({ path }) => path),
      "test/tidy.test.ts",
    );
  });

  it("imports point down the layers only", () => holds(all(againstTheArrows)));

  it("catches an import that points up or sideways, in every form that an import has", () => {
    for (const statement of [
      'import { a } from "../protocol/a.ts";',
      'import type { A } from "../protocol/a.ts";',
      'import "../protocol/a.ts";',
      'export * from "../protocol/a.ts";',
      'export { a } from "../protocol/a.ts";',
      'const a = () => import("../protocol/a.ts");',
      'type A = import("../protocol/a.ts").A;',
    ]) {
      catches(againstTheArrows, "shared/kernel/b.ts", statement);
      allows(againstTheArrows, "shared/oracle/b.ts", statement);
    }
  });

  it("catches an engine that imports another, and whoever imports services", () => {
    catches(againstTheArrows, "shared/virtual/b.ts", 'import "../live/a.ts";');
    catches(againstTheArrows, "shared/explore/b.ts", 'import "../virtual/a.ts";');
    catches(againstTheArrows, "shared/stats/b.ts", 'import "../kernel/a.ts";');
    catches(againstTheArrows, "shared/live/b.ts", 'import "../../services/cpu/main.ts";');
    catches(againstTheArrows, "test/b.ts", 'import "../services/cpu/main.ts";');
    allows(againstTheArrows, "services/cli/main.ts", 'import "../../shared/live/a.ts"; import "../../infra/bootstrap/a.ts";');
  });

  it("is not deceived by the text of an import in a comment or a string", () => {
    allows(againstTheArrows, "shared/machine/b.ts", `// import "../live/a.ts"\nconst a = 'import "../live/a.ts"';`);
  });

  it("every folder of shared/ has its place in the layers", () => holds(all(unknownLayer)));

  it("catches a folder that the layers do not know", () => catches(unknownLayer, "shared/extra/a.ts", ""));
});

describe("circles", () => {
  const files = (...texts: readonly string[]) => texts.map((text, i) => parse(`shared/kernel/${"abc"[i]}.ts`, text));

  it("no two files need each other to load", () => holds(circles(sources)));

  it("catches one of two files, one of three, and one that exports go round in", () => {
    assert.deepStrictEqual(circles(files('import { b } from "./b.ts";', 'import { type A, a } from "./a.ts";')), [
      "shared/kernel/a.ts -> shared/kernel/b.ts -> shared/kernel/a.ts",
    ]);
    assert.lengthOf(circles(files('import { b } from "./b.ts";', 'export * from "./c.ts";', 'import "./a.ts";')), 1);
  });

  it("lets types go round, and what is loaded only when it is called", () => {
    for (const back of ['import type { A } from "./a.ts";', 'import { type A } from "./a.ts";', 'type A = import("./a.ts").A;'])
      holds(circles(files('import { b } from "./b.ts";', back)));
    holds(circles(files('import { b } from "./b.ts";', 'const a = () => import("./a.ts");')));
  });
});

describe("purity", () => {
  it("nothing pure imports a module of Node", () => holds(all(importsNode)));

  it("catches a module of Node by its bare name too, and lets the impure folders be", () => {
    catches(importsNode, "shared/machine/b.ts", 'import { readFileSync } from "node:fs";');
    catches(importsNode, "shared/journal/b.ts", 'import { readFileSync } from "fs";');
    catches(importsNode, "services/dashboard/live/b.tsx", 'import { readFileSync } from "node:fs";');
    allows(importsNode, "shared/live/b.ts", 'import { readFileSync } from "node:fs";');
  });

  it("nothing pure uses a clock or chance", () => holds(all(usesClockOrChance)));

  it("catches a clock and chance, however they are reached", () => {
    for (const use of ["Date.now()", "new Date()", "Math.random()", 'Math["random"]()', "performance.now()", "globalThis.name"]) {
      catches(usesClockOrChance, "shared/kernel/b.ts", `const a = ${use};`);
      allows(usesClockOrChance, "shared/report/b.ts", `const a = ${use};`);
    }
    allows(usesClockOrChance, "shared/kernel/b.ts", "const a = { Date: 1 }; const b = a.Date + Math.round(1);");
  });

  it("nothing pure sets a timer of the host", () => holds(all(usesTimers)));

  it("catches a timer of the host", () => {
    catches(usesTimers, "shared/virtual/b.ts", "setTimeout(() => 1, 1);");
    catches(usesTimers, "shared/virtual/b.ts", "const later = setInterval;");
  });

  it("nothing pure waits", () => holds(all(waits)));

  it("catches async and await", () => {
    catches(waits, "shared/protocol/b.ts", "const a = async () => 1;");
    catches(waits, "shared/protocol/b.ts", "const o = { async a() {} };");
    catches(waits, "shared/protocol/b.ts", "await Promise.resolve();");
    catches(waits, "shared/protocol/b.ts", "for await (const a of b) a;");
    allows(waits, "services/cpu/b.ts", "await Promise.resolve();");
  });
});

describe("shape", () => {
  it("every file begins with a comment that says what it is", () => holds(all(lacksHeader)));

  it("catches a file without one, and one that is no sentence", () => {
    catches(lacksHeader, "shared/kernel/b.ts", "const a = 1; // Says what it is.");
    catches(lacksHeader, "shared/kernel/b.ts", "// kernel\nconst a = 1;");
    catches(lacksHeader, "shared/kernel/b.ts", "");
    allows(lacksHeader, "shared/kernel/b.ts", "// Says what it is, on two\n// lines.\nconst a = 1;");
    allows(lacksHeader, "shared/kernel/b.ts", "/**\n * Says what it is.\n */\nconst a = 1;");
    allows(lacksHeader, "shared/kernel/b.ts", "#!/usr/bin/env node\n// Says what it is.\n");
  });

  it("no file and no folder has a name that says nothing", () => holds(paths.flatMap(emptyName)));

  it("catches such a name of a file, of a folder, and of what is no TypeScript", () => {
    for (const path of ["shared/kernel/utils.ts", "shared/common", "infra/helpers.sh"]) assert.lengthOf(emptyName(path), 1);
    holds(emptyName("shared/kernel/utility.ts"));
  });

  it(`no file is longer than ${longestFile} lines`, () => holds(all(longFile)));

  it("catches a file that is one line too long", () => {
    catches(longFile, "a.ts", "a;\n".repeat(longestFile + 1));
    allows(longFile, "a.ts", "a;\n".repeat(longestFile));
  });

  it(`no function is longer than ${longestFunction} lines`, () => holds(all(longFunctions)));

  it("catches a function of any form that is one line too long, but not a group of tests", () => {
    const body = `{\n${"a;\n".repeat(longestFunction - 1)}}`;
    for (const start of ["function f()", "const f = () =>", "const f = function* ()", "const o = { f()", "class C { f()"]) {
      catches(longFunctions, "a.ts", `${start} ${body}${/^(const o|class)/.test(start) ? "}" : ""}`);
    }
    allows(longFunctions, "a.ts", `function f() ${body.replace("a;\n", "")}`);
    allows(longFunctions, "a.test.ts", `describe.each([1])("a", () => ${body});`);
  });
});
