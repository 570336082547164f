// `quiesce serve` as a stranger meets it: what is answered, to whom, with which headers; names that lead out of run folders; orders that
// nobody may give.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, assert, beforeAll, describe, it } from "vitest";
import { type Served, serve } from "../browser/served.ts";
import { quiesce, scratch } from "../cli/quiesce.ts";

const id = "20260102T030405Z-run-1a2b3c";
const secret = "not for pages";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

let served: Served;
const cwd = scratch({ "secret.txt": secret });

/** With a path and headers as they are: a client of the web would tidy them first. */
const ask = (
  path: string,
  { method = "GET", headers = {}, body = "" }: { method?: string; headers?: Record<string, string>; body?: string } = {},
) =>
  new Promise<Answer>((resolve, reject) => {
    const { hostname, port } = new URL(served.url);
    const asked = request({ hostname, port, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.once("error", reject);
    asked.end(body);
  });

const order = (body: unknown, headers: Record<string, string> = {}) =>
  ask("/api/control", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${served.token}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

beforeAll(async () => {
  const folder = join(cwd, "runs", id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "summary.json"), JSON.stringify({ schema: "quiesce.summary/1", cpus: 3, verdict: "valid" }));
  writeFileSync(join(folder, "journal.ndjson.gz"), gzipSync("no journal\n"));
  writeFileSync(join(folder, "other.txt"), secret);
  symlinkSync(join(cwd, "secret.txt"), join(folder, "results.csv"));
  symlinkSync(cwd, join(cwd, "runs", "20260102T030405Z-run-ffffff"));
  served = await serve(cwd);
});

afterAll(() => served.end());

describe("what is served", () => {
  it("answers the page, runs and JSON with headers that let nothing come from elsewhere", async () => {
    for (const path of ["/", "/api/live", "/api/runs", "/api/choices", "/nowhere"]) {
      const { headers } = await ask(path);
      const policy = String(headers["content-security-policy"]);
      assert.include(policy, "default-src 'none'");
      assert.notMatch(policy, /https?:|unsafe|\*(?!;|$)/);
      assert.strictEqual(headers["x-content-type-options"], "nosniff");
      assert.strictEqual(headers["referrer-policy"], "no-referrer");
      assert.isUndefined(headers["access-control-allow-origin"]);
    }
  });

  it("lists run folders, without what only looks like one, and gives their files", async () => {
    const { runs } = JSON.parse((await ask("/api/runs")).text);
    assert.deepStrictEqual(
      runs.map(({ id: name, verb, files, summary }: { id: string; verb: string; files: string[]; summary: { cpus: number } }) => [
        name,
        verb,
        files,
        summary.cpus,
      ]),
      [[id, "run", ["summary.json", "journal.ndjson", "trace.json"], 3]],
    );
    assert.strictEqual(JSON.parse((await ask(`/api/runs/${id}/summary.json`)).text).verdict, "valid");
    assert.strictEqual((await ask(`/api/runs/${id}/journal.ndjson`)).headers["content-encoding"], "gzip");
  });

  it("says what is wrong with a journal that it is to draw", async () => {
    const { status, text } = await ask(`/api/runs/${id}/trace.json`);
    assert.strictEqual(status, 422);
    assert.property(JSON.parse(text), "error");
  });

  it("draws one trace at a time, says so to who asks meanwhile, and draws the next one after it", async () => {
    const statuses = async (requests: number): Promise<readonly number[]> => {
      const answers = await Promise.all(Array.from({ length: requests }, () => ask(`/api/runs/${id}/trace.json`)));
      for (const { status, text } of answers) if (status === 503) assert.match(JSON.parse(text).error, /one at a time.*quiesce trace/);
      return answers.map(({ status }) => status).toSorted();
    };
    assert.deepStrictEqual(await statuses(4), [422, 503, 503, 503]);
    assert.deepStrictEqual(await statuses(1), [422]);
  });

  it("answers no name that leads elsewhere, by dots, codes or links", async () => {
    for (const path of [
      "/../secret.txt",
      "/assets/../../secret.txt",
      "/%2e%2e/secret.txt",
      `/api/runs/${id}/other.txt`,
      `/api/runs/${id}/../../../secret.txt`,
      `/api/runs/${id}/..%2f..%2fsecret.txt`,
      `/api/runs/../secret.txt`,
      `/api/runs/%2e%2e/secret.txt`,
      `/api/runs/${id}/results.csv`,
      "/api/runs/20260102T030405Z-run-ffffff/repro.txt",
      "/api/runs/latest/summary.json",
    ]) {
      const { status, text } = await ask(path);
      assert.strictEqual(status, 404, path);
      assert.notInclude(text, secret);
    }
  });

  it("reads no file that a page names, of an experiment or a comparison", async () => {
    for (const what of ["experiment", "comparison"])
      for (const setting of ["patch", "workload", "profile"])
        for (const file of ["../secret.txt", "/etc/hostname", "secret.json", "..\\secret.txt"]) {
          const { status, text } = await ask(`/api/${what}?${setting}=${encodeURIComponent(file)}`);
          assert.strictEqual(status, 400, `${what} ${setting} ${file}`);
          assert.include(JSON.parse(text).error, `${setting}: a page may give a name, not a file`);
        }
    for (const own of ["out", "nats", "scenario", "__proto__", "constructor"]) {
      const { status, text } = await ask(`/api/experiment?${own}=x`);
      assert.strictEqual(status, 400, own);
      assert.include(text, `${own}: a page has no such setting`);
    }
  });

  it("refuses a name that was made to point here, and anything but reading", async () => {
    assert.strictEqual((await ask("/", { headers: { host: "evil.example:80" } })).status, 403);
    assert.strictEqual((await ask("/", { headers: { host: "localhost" } })).status, 200);
    assert.strictEqual((await ask("/api/runs", { method: "DELETE" })).status, 405);
    assert.strictEqual((await ask("/api/control")).status, 405);
    assert.strictEqual((await ask("/api/runs", { headers: { "sec-fetch-site": "cross-site" } })).status, 403);
    assert.strictEqual((await ask("/api/runs", { headers: { "sec-fetch-site": "same-origin" } })).status, 200);
  });
});

describe("steering", () => {
  it("needs the token, all of it", async () => {
    for (const authorization of ["", "Bearer", `Bearer ${served.token.slice(0, -1)}`, `Bearer ${served.token}x`, served.token]) {
      const { status, text } = await order({ do: "stop" }, { authorization });
      assert.strictEqual(status, 401);
      assert.notInclude(text, served.token);
    }
  });

  it("is refused to a page of somebody else, even with the token", async () => {
    assert.strictEqual((await order({ do: "stop" }, { origin: "http://evil.example" })).status, 403);
    assert.strictEqual((await order({ do: "stop" }, { origin: "null" })).status, 403);
    assert.strictEqual((await order({ do: "stop" }, { origin: served.url })).status, 409);
  });

  it("takes JSON of its own shape only, and not much of it", async () => {
    const start = (settings: unknown, more = {}) => ({ do: "start", stayOn: false, settings, ...more });
    assert.strictEqual((await order({ do: "stop" }, { "content-type": "text/plain" })).status, 415);
    assert.strictEqual((await order(JSON.stringify({ do: "inject", fault: "x".repeat(70_000) }))).status, 413);
    for (const wrong of [
      "{",
      null,
      [],
      { do: "explode" },
      { do: "inject" },
      { do: "inject", fault: 1 },
      { do: "operate", operation: "format" },
      start({ cpus: 4 }),
      start({ out: ["/tmp"] }),
      start({ nats: ["nats://evil.example"] }),
      start({ cpus: ["4"] }, { extra: 1 }),
      start({ cpus: ["0"] }),
      start({ patch: ["../secret.txt"] }),
      start({ fault: ["drop everything"] }),
    ])
      assert.strictEqual((await order(wrong as string)).status, 400, JSON.stringify(wrong));
    assert.strictEqual(JSON.parse((await ask("/api/live")).text).run, null);
  });

  it("has nothing to steer before a machine is started", async () => {
    for (const what of [{ do: "reverse" }, { do: "finish" }, { do: "inject", fault: "drop 10% of any" }])
      assert.strictEqual((await order(what)).status, 409);
  });
});

describe("the command", () => {
  it("says which flag to change when its port is taken or its host is not here", async () => {
    const taken = await quiesce(cwd, ["serve", "--port", new URL(served.url).port]);
    assert.deepStrictEqual([taken.code, taken.stderr.trimEnd().split("\n").length], [254, 1], taken.stderr);
    assert.match(taken.stderr, /--port: \d+ is in use/);
    const elsewhere = await quiesce(cwd, ["serve", "--port", "0", "--host", "192.0.2.1"]);
    assert.strictEqual(elsewhere.code, 254, elsewhere.stderr);
    assert.match(elsewhere.stderr, /--host: 192\.0\.2\.1 is no address of this machine/);
  });

  it("refuses a port that is none and a token that could be guessed, each with its place", async () => {
    const port = await quiesce(cwd, ["serve", "--port", "70000"]);
    assert.strictEqual(port.code, 254);
    assert.match(port.stderr, /--port.*65535/);
    const token = await quiesce(cwd, ["serve"], { QUIESCE_TOKEN: "1234" });
    assert.strictEqual(token.code, 254);
    assert.match(token.stderr, /QUIESCE_TOKEN.*16 to 256/);
  });
});
