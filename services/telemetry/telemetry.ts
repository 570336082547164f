// What a verb tells of its runs, to whoever asks for it: Prometheus on a port, or the collector that the environment names. Nobody asks, nothing is loaded.
import { isAsked } from "../../shared/live/telemetry/asked.ts";
import type { CoordinatorFact } from "../../shared/protocol/facts.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { reading } from "../cli/settings/reading.ts";
import { type Kind, WrongValue } from "../cli/settings/values.ts";

/** What can be told of a run; null or absent is not known. */
export interface Counted {
  readonly model: string;
  readonly verdict: string;
  readonly attempts?: number;
  readonly gatherUs?: number | null;
  readonly stopUs?: number | null;
  readonly totalUs?: number | null;
  readonly ipis?: Readonly<Record<string, number>>;
  readonly frames?: Readonly<Record<string, number>>;
}

/** One run that has ended and left a journal. */
export interface Recorded {
  readonly summary: Summary;
  /** What it is called on the bus, if that is not its folder's name. */
  readonly name: string;
  /** Null where none was kept: then nothing is traced. */
  readonly journal: string | null;
  /** When the run began, in ms since 1970: its clock is taken to start then. */
  readonly startedMs: number;
}

export interface Telemetry {
  /** For live runs, whose attempts are counted as they end; null where nobody asks. */
  readonly onFact: ((at: number, fact: CoordinatorFact) => void) | null;
  /** Once for each run. */
  readonly count: (counted: Counted) => void;
  /** Counts a run and traces its attempts. */
  readonly record: (recorded: Recorded) => Promise<void>;
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Others than this machine are let in only where their address is named. */
const place: Kind<Place> = {
  metavar: "PORT",
  read: (text) => {
    const [, host = "127.0.0.1", digits = ""] = /^(?:([\w.-]+):)?(\d{1,5})$/.exec(text) ?? [];
    const port = Number(digits);
    if (port >= 1 && port <= 65_535) return { host, port };
    throw new WrongValue(`"${text}" is not a port from 1 to 65535, or HOST:PORT`);
  },
  print: ({ host, port }) => `${host}:${port}`,
};

const silent: Telemetry = { onFact: null, count: () => undefined, record: async () => undefined };

export interface Told {
  readonly verb: string;
  /** The text of --metrics-port. */
  readonly metricsPort: string | undefined;
  readonly onNotice: (text: string) => void;
}

/** Does `work`, and tells of it what was asked for. */
export const telemetered = async <T>(told: Told, work: (telemetry: Telemetry) => Promise<T>): Promise<T> => {
  const port = reading("--metrics-port", told.metricsPort, place);
  if (port === undefined && !isAsked(process.env, "TRACES") && !isAsked(process.env, "METRICS")) return work(silent);
  const { openTelemetry } = await import("./open.ts");
  const { telemetry, close } = await openTelemetry(told, port);
  try {
    return await work(telemetry);
  } finally {
    await close();
  }
};
