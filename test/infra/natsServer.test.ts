// The ways to a NATS server, tried in order on small made-up machines.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, assert, beforeEach, describe, it } from "vitest";
import { EnvironmentMissing, findNatsServer, natsImage } from "../../infra/bootstrap/natsServer.ts";

let machine: string;
let log: string[];

beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), "quiesce-nats-server-"));
  for (const directory of ["bin", "sbin"]) mkdirSync(join(machine, directory));
  log = [];
});
afterEach(() => rmSync(machine, { recursive: true }));

/** Puts a shell script on the made-up machine; shell built-ins are all that it can use. */
const program = (path: string, body: string): string => {
  const file = join(machine, path);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
};

/** A package manager that notes what it was asked and, on `install`, brings the server. */
const installer = (path: string): string =>
  program(
    path,
    `echo "$*" >> "${machine}/asked"; echo "working on $1"
case "$*" in *nats-server*) echo '#!/bin/sh' > "${machine}/bin/nats-server"; /bin/chmod +x "${machine}/bin/nats-server";; esac`,
  );

const asked = (): string[] => readFileSync(join(machine, "asked"), "utf8").trim().split("\n");

const find = (options: { readonly root?: boolean; readonly given?: string } = {}) =>
  findNatsServer({ PATH: join(machine, "bin"), QUIESCE_NATS_SERVER: options.given }, (line) => log.push(line), {
    systemDirectories: [join(machine, "sbin")],
    root: options.root ?? false,
  });

const failure = async (found: Promise<unknown>): Promise<string> => {
  const error = await found.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instanceOf(error, EnvironmentMissing);
  return error.message;
};

describe("findNatsServer", () => {
  it("takes the executable that QUIESCE_NATS_SERVER names before one on PATH", async () => {
    program("bin/nats-server", "");
    const given = program("mine", "");
    assert.deepStrictEqual(await find({ given }), { kind: "binary", path: given });
  });

  it("refuses a QUIESCE_NATS_SERVER that is not an executable file, and does not look further", async () => {
    program("bin/nats-server", "");
    assert.include(await failure(find({ given: join(machine, "nothing") })), "QUIESCE_NATS_SERVER");
    assert.include(await failure(find({ given: machine })), "not an executable file");
  });

  it("finds one on PATH, then one in a system directory that PATH lacks", async () => {
    const system = program("sbin/nats-server", "");
    assert.deepStrictEqual(await find(), { kind: "binary", path: system });
    const onPath = program("bin/nats-server", "");
    assert.deepStrictEqual(await find(), { kind: "binary", path: onPath });
  });

  it("installs with the package manager as root, and logs what it prints", async () => {
    installer("bin/apt-get");
    assert.deepStrictEqual(await find({ root: true }), { kind: "binary", path: join(machine, "bin/nats-server") });
    assert.deepStrictEqual(asked(), ["update", "install -y --no-install-recommends nats-server"]);
    assert.include(log, "working on update");
  });

  it("installs through passwordless sudo as a plain user", async () => {
    installer("bin/dnf");
    program("bin/sudo", 'shift; case "$1" in true) exit 0;; esac; exec "$@"');
    assert.strictEqual((await find()).kind, "binary");
    assert.deepStrictEqual(asked(), ["install -y nats-server"]);
  });

  it("leaves the package manager alone where sudo asks for a password", async () => {
    const manager = installer("bin/apt-get");
    program("bin/sudo", "exit 1");
    await failure(find());
    assert.throws(asked);
    assert.notInclude(log.join("\n"), manager);
  });

  it("needs no root for brew", async () => {
    installer("bin/brew");
    assert.strictEqual((await find()).kind, "binary");
  });

  it("falls back to a container when the installation fails and Docker answers", async () => {
    program("bin/apt-get", "exit 100");
    const docker = program("bin/docker", "exit 0");
    assert.deepStrictEqual(await find({ root: true }), { kind: "container", docker, image: natsImage });
    assert.include(log, "apt-get update failed");
  });

  it("names every way when there is none, also where Docker does not answer", async () => {
    program("bin/docker", "exit 1");
    const message = await failure(find());
    for (const way of ["QUIESCE_NATS_SERVER", join(machine, "bin"), "apt-get", "Docker", "--nats"]) assert.include(message, way);
  });
});
