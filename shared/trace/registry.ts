// Every format of a trace, by its name: one line each.
import type { Format, FormatName } from "./format.ts";
import { ftrace } from "./ftrace.ts";
import { klog } from "./klog.ts";
import { lamport } from "./lamport.ts";
import { mermaid } from "./mermaid.ts";
import { perfetto } from "./perfetto.ts";
import { shiviz } from "./shiviz.ts";
import { traceDat } from "./traceDat.ts";

export const formats: Readonly<Record<FormatName, Format>> = {
  perfetto,
  ftrace,
  "trace.dat": traceDat,
  lamport,
  mermaid,
  shiviz,
  klog,
};
