// Benchmarks by name, `npm run bench -- p1`: each prints a figure, its floor measured in the same run, their ratio and the target.
import { parseArgs } from "node:util";
import { type Settings, table } from "./measure.ts";
import { memory } from "./memory.ts";
import { p1 } from "./p1.ts";
import { p2 } from "./p2.ts";
import { p3 } from "./p3.ts";
import { p4 } from "./p4.ts";
import { p5 } from "./p5.ts";
import { p6 } from "./p6.ts";
import { p7 } from "./p7.ts";
import { p8 } from "./p8.ts";
import { p9 } from "./p9.ts";
import { p10 } from "./p10.ts";
import { p12 } from "./p12.ts";

const benches = { p1, p2, p3, memory, p4, p5, p6, p7, p8, p9, p10, p12 };
const usage = `usage: npm run bench -- ${Object.keys(benches).join("|")} [options]
  --floors       measure floors alone
  --trials 7     how often subject and floor take turns
  --patches 400  patches in one live run; the first half warms up
  --cpus 8,64    other machine sizes
  --hosts 1,2,4  processes that share the CPUs of a live machine
`;

const bad = (reason: string): never => {
  process.stderr.write(`${reason}\n${usage}`);
  process.exit(254);
};

/** A whole number from 1 up. */
const count = (text: string): number => (/^[1-9]\d*$/.test(text) ? Number(text) : bad(`not a count: ${text}`));

const read = () => {
  try {
    const options = {
      floors: { type: "boolean" },
      trials: { type: "string" },
      patches: { type: "string" },
      cpus: { type: "string" },
      hosts: { type: "string" },
    } as const;
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return bad(error instanceof Error ? error.message : String(error));
  }
};

const isBench = (name: string): name is keyof typeof benches => Object.hasOwn(benches, name);

const { values, positionals } = read();
const [name = "", ...more] = positionals;
if (!isBench(name) || more.length > 0) bad(`no such benchmark: ${positionals.join(" ")}`);
else {
  const settings: Settings = {
    trials: count(values.trials ?? "7"),
    patches: count(values.patches ?? "400"),
    cpus: values.cpus?.split(",").map(count),
    hosts: (values.hosts ?? "1,2,4").split(",").map(count),
    floorsOnly: values.floors ?? false,
  };
  try {
    const rows = await benches[name](settings);
    console.log(table(rows));
    console.log(`median [interval of at least 95 % from 6 trials up] of ${settings.trials} trials; ratio: of neighbouring trials`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n--floors measures floors alone.\n`);
    process.exitCode = 5;
  }
}
