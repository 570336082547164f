// What a load study is told beside settings: its own flags, and the same names in its file.
import { BadInput } from "../../../shared/machine/badInput.ts";
import { quoted } from "../settings/repro.ts";
import { parseScenario, readText, type ScenarioKind, type Study } from "../settings/scenario.ts";
import { type Kind, WrongValue } from "../settings/values.ts";

export const ownNames = [
  "models",
  "rate",
  "arrivals",
  "patches",
  "patch-every",
  "warm-up",
  "cool-down",
  "threshold",
  "break-over",
  "find-limit",
  "precision",
] as const;

export type OwnName = (typeof ownNames)[number];

const loadSchema: ScenarioKind = { schema: "quiesce.load-study/1", own: ownNames };

export const readStudy = (file: string): Study => parseScenario(file, readText(file), loadSchema);

/** Texts by name; what nobody gave is not there. */
export type OwnFlags = Readonly<Partial<Record<OwnName, readonly string[]>>>;

/** The texts of one study: a flag goes before the file. */
export class Texts {
  private readonly flags: OwnFlags;
  private readonly scenario: Study | undefined;

  constructor(flags: OwnFlags, scenario: Study | undefined) {
    this.flags = flags;
    this.scenario = scenario;
  }

  all(name: OwnName): readonly string[] {
    return this.flags[name] ?? this.scenario?.own.get(name)?.texts ?? [];
  }

  one(name: OwnName): string | undefined {
    const [first, ...more] = this.all(name);
    if (more.length > 0) throw this.blame(name, "expected one value, not a list");
    return first;
  }

  read<T>(name: OwnName, kind: Kind<T>): T | undefined {
    const text = this.one(name);
    if (text === undefined) return undefined;
    try {
      return kind.read(text);
    } catch (error) {
      throw error instanceof WrongValue ? this.blame(name, error.message) : error;
    }
  }

  blame(name: OwnName, message: string): BadInput {
    const written = this.flags[name] === undefined ? this.scenario?.own.get(name) : undefined;
    return written === undefined ? new BadInput("", `--${name}`, message) : new BadInput(this.scenario?.file ?? "", written.place, message);
  }

  /** As flags, for the line that runs it again. */
  get line(): readonly string[] {
    return ownNames.flatMap((name) =>
      name === "find-limit"
        ? this.all(name).includes("true")
          ? ["--find-limit"]
          : []
        : this.all(name).map((text) => `--${name} ${quoted(text)}`),
    );
  }
}
