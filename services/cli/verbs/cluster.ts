// The verbs of a run that is spread over hosts, and their flags.
import * as Command from "effect/cli/Command";
import { commonFlags, type Finish, flagsOf, given, later, metricsPort, natsFlags, onOff, optionalText, settingFlagsOf } from "../flags.ts";
import { settingNames } from "../settings/table.ts";

const runFlag = optionalText("run", "NAME", "the name of the run, the same for all of its processes");
const healthFlag = optionalText("health", "FILE", "written anew while the NATS server is heard from, for probes [none]");

const coordinatorFlags = {
  run: runFlag,
  patches: optionalText("patches", "COUNT", "so many operations, patch and unpatch in turn [the patch, and what --then names]"),
  patchEvery: optionalText("patch-every", "DURATION", "from the beginning of one to that of the next [each when the last has ended]"),
  lease: optionalText("lease", "DURATION", "a host that is silent for so long has fenced itself, and is dead [10s, or 30s with copies]"),
  replicas: optionalText(
    "replicas",
    "COUNT",
    "copies of register, memberships and journals [as many as servers are named, an odd number up to 5]",
  ),
  joinLimit: optionalText("join-limit", "DURATION", "how long hosts that have not joined are waited for [5min]"),
  health: healthFlag,
};

export const coordinatorVerb = (finish: Finish) =>
  Command.make(
    "coordinator",
    { settings: settingFlagsOf(settingNames), own: coordinatorFlags, metricsPort, ...commonFlags("the summary document", "the verdict") },
    ({ settings: texts, own, scenario, metricsPort: port, ...rest }) =>
      later(async () => {
        const { coordinator } = await import("../coordinator.ts");
        finish(await coordinator({ ...rest, ...given({ scenario, metricsPort: port }), flags: flagsOf(settingNames, texts) }, given(own)));
      }),
  ).pipe(
    Command.withDescription(
      "Run one machine whose hosts join it over NATS, from any number of computers: wait for --hosts of them, patch, judge. " +
        "A second one of the same name stands by, and takes over if the first falls silent",
    ),
    Command.withExamples([
      {
        command: "quiesce coordinator --nats nats://a:4222,nats://b:4222,nats://c:4222 --run demo --cpus 8 --hosts 4 --patches 100",
        description: "wait for 4 hosts of 2 CPUs each, then patch and unpatch in turn",
      },
    ]),
  );

export const upVerb = (finish: Finish) =>
  Command.make(
    "up",
    {
      settings: settingFlagsOf(settingNames),
      own: {
        ...coordinatorFlags,
        here: optionalText("here", "COUNT", "hosts that are started on this machine; the others join from elsewhere [all]"),
      },
      print: onOff("print", "print the command for the hosts on other machines"),
      ...commonFlags("the summary document", "the verdict"),
    },
    ({ settings: texts, own, print, scenario, ...rest }) =>
      later(async () => {
        const { up } = await import("../up.ts");
        finish(await up({ ...rest, ...given({ scenario }), flags: flagsOf(settingNames, texts) }, { ...given(own), print }));
      }),
  ).pipe(
    Command.withDescription(
      "Start all of a run that is spread over hosts: a NATS server unless one is named, the coordinator, and hosts that join it",
    ),
    Command.withExamples([
      { command: "quiesce up --cpus 8 --hosts 4 --patches 100", description: "on this machine" },
      { command: "quiesce up --nats nats://a:4222 --cpus 8 --hosts 4 --here 2 --print", description: "two hosts here, two elsewhere" },
    ]),
  );

export const cpuVerb = (finish: Finish) =>
  Command.make(
    "cpu",
    {
      join: onOff("join", "take part in a run that somebody else coordinates"),
      ...natsFlags,
      run: runFlag,
      index: optionalText("index", "COUNT", "take this range of CPUs and no other, from 0 [any that is free]"),
      health: healthFlag,
    },
    ({ join, nats, keys, nkey, tlsCa, ...texts }) =>
      later(async () => {
        const { cpu } = await import("../cpu.ts");
        const { serverNamed } = await import("../settings/server.ts");
        finish(await cpu({ join, nats: serverNamed({ nats, keys, nkey, tlsCa }), ...given(texts) }));
      }),
  ).pipe(
    Command.withDescription(
      "Be a host of a run: take a free range of its CPUs and run them until the run is over. SIGTERM lets it leave. " +
        "One that was silent for longer than its lease has fenced itself, and joins again with new incarnations",
    ),
    Command.withExamples([{ command: "quiesce cpu --join --nats nats://a:4222 --run demo", description: "one host" }]),
  );

export const recorderVerb = (finish: Finish) =>
  Command.make(
    "recorder",
    { ...natsFlags, run: runFlag, out: optionalText("out", "DIR", "where its folder is made, or found again [runs]"), health: healthFlag },
    ({ nats, keys, nkey, tlsCa, ...texts }) =>
      later(async () => {
        const { recorder } = await import("../recorder.ts");
        const { serverNamed } = await import("../settings/server.ts");
        finish(await recorder({ nats: serverNamed({ nats, keys, nkey, tlsCa }), ...given(texts) }));
      }),
  ).pipe(
    Command.withDescription(
      "Keep the journals of a run that is spread over hosts as they come, and judge them when it is over. " +
        "One that was interrupted goes on where it was, in the same folder",
    ),
    Command.withExamples([
      { command: "quiesce recorder --nats nats://a:4222 --run demo --out kept", description: "beside the coordinator" },
    ]),
  );
