// Parts of verbs that several of them have: flags for settings, texts that may be left out, and what every verb takes that runs machines.
import * as Argument from "effect/cli/Argument";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import type { Flags } from "./settings/collect.ts";
import { isRepeatable, type Setting, type SettingName, settingNames, settings } from "./settings/table.ts";

/** Verbs end with an exit code; whoever runs them makes the process end with it. */
export type Finish = (code: number) => void;

/** Settings are taken as texts here, because their values may come from elsewhere and are read in one place. */
const settingFlag = (name: SettingName): Flag.Flag<readonly string[]> => {
  const { metavar, help, usual, alias }: Setting<unknown> = settings[name];
  const flag = Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(`${help} [${usual}]`));
  const named = alias === undefined ? flag : flag.pipe(Flag.withAlias(alias));
  return isRepeatable(name) ? Flag.atLeast(named, 0) : Flag.optional(named).pipe(Flag.map(Option.toArray));
};

export const onOff = (name: string, help: string) => Flag.Boolean(name).pipe(Flag.withDescription(help), Flag.withDefault(false));

export const optionalText = (name: string, metavar: string, help: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(help), Flag.optional);

export const file = Argument.String("FILE");

/** The texts of flags that may be left out: what nobody gave is undefined. */
export const given = <Name extends string, T>(options: Readonly<Record<Name, Option.Option<T>>>): Readonly<Record<Name, T | undefined>> =>
  Object.fromEntries(Object.entries<Option.Option<T>>(options).map(([name, value]) => [name, Option.getOrUndefined(value)])) as Record<
    Name,
    T | undefined
  >;

export const flagsOf = (names: readonly SettingName[], texts: Readonly<Record<string, readonly string[]>>): Flags =>
  new Map(names.map((name) => [name, texts[name] ?? []]));

export const settingFlagsOf = (names: readonly SettingName[]) => Object.fromEntries(names.map((name) => [name, settingFlag(name)]));

/** What every verb takes that runs machines. `document` and `verdict` are what it prints. */
export const commonFlags = (document: string, verdict: string) => ({
  scenario: optionalText("scenario", "FILE", "settings by name, in YAML or JSON; flags and QUIESCE_ variables go before it"),
  json: onOff("json", `print exactly ${document} on stdout`),
  quiet: onOff("quiet", `print ${verdict} only`),
  noProgress: onOff("no-progress", "draw no progress on the terminal"),
});

/** A server, for verbs that have no other settings: where it is, and the files that a connection to it needs. */
export const natsFlags = { nats: settingFlag("nats"), keys: settingFlag("keys"), nkey: settingFlag("nkey"), tlsCa: settingFlag("tls-ca") };

/** Of verbs that tell Prometheus what they count. */
export const metricsPort = optionalText(
  "metrics-port",
  "PORT",
  "serve /metrics for Prometheus there meanwhile, on 127.0.0.1 unless it is HOST:PORT [none]",
);

export const later = <T>(load: () => Promise<T>): Effect.Effect<T, unknown> => Effect.tryPromise({ try: load, catch: (error) => error });

/** A comparison names its models in one flag, and is one of whole models. */
export const comparedSettings = settingNames.filter((name) => !["model", "leave", "switch"].includes(name));
