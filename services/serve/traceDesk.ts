// Draws traces of recorded runs for pages: by a process of its own, since a large journal takes seconds in which a live machine must not
// wait; one at a time, for so long and no longer.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { exitCodes } from "../cli/exit.ts";
import { Refused } from "./answer.ts";
import { apiLimits } from "./api.ts";

const main = fileURLToPath(new URL("../cli/main.ts", import.meta.url));

export class TraceDesk {
  private readonly closing = new AbortController();
  private isBusy = false;

  /** As `quiesce trace` draws the run in this folder; `use` is given the path of the file, which goes when it is done. */
  async draw<T>(folder: string, use: (path: string) => T): Promise<T> {
    if (this.isBusy) throw new Refused(503, `a trace is being drawn, and there is one at a time: ask again, or ${byHand(folder)}`);
    this.isBusy = true;
    const directory = mkdtempSync(join(tmpdir(), "quiesce-trace-"));
    try {
      const out = join(directory, "trace.json");
      await this.drawInto(folder, out);
      return use(out);
    } finally {
      this.isBusy = false;
      rmSync(directory, { recursive: true });
    }
  }

  /** Whatever is being drawn is given up. */
  close(): void {
    this.closing.abort();
  }

  private async drawInto(folder: string, out: string): Promise<void> {
    const args = [main, "trace", folder, "--format", "perfetto", "--out", out];
    const late = AbortSignal.timeout(apiLimits.traceMs);
    const stop = AbortSignal.any([late, this.closing.signal]);
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    const kill = (): boolean => child.kill("SIGKILL");
    stop.addEventListener("abort", kill);
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
    stop.removeEventListener("abort", kill);
    if (late.aborted) throw new Refused(503, `the trace takes more than ${apiLimits.traceMs / 1000} s: ${byHand(folder)}`);
    if (stop.aborted) throw new Refused(503, "the server ends");
    if (code === exitCodes.badInput) throw new Refused(422, said.trim().replace(/^quiesce: /, ""));
    if (code !== exitCodes.holds) throw new Error(`the trace of ${folder} was not drawn (${code}): ${said}`);
  }
}

const byHand = (folder: string): string => `draw it by ./quiesce trace ${folder} --out trace.json`;
