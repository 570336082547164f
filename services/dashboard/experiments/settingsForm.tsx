// What an experiment is made on: a machine, a model, a patch, a seed. A change shows at once, and is part of the address.
import { useState } from "preact/hooks";
import type { Choices } from "../../serve/api.ts";
import { change, type Settings, withSetting } from "./settings.ts";

interface Props {
  readonly settings: Settings;
  readonly choices: Choices;
  /** Not of a comparison, which is of all models. */
  readonly hasModel: boolean;
}

const Choice = ({
  name,
  title,
  names,
  settings,
}: {
  readonly name: string;
  readonly title: string;
  readonly names: readonly string[];
  readonly settings: Settings;
}) => (
  <label>
    {title}
    <select
      value={settings.get(name)?.[0] ?? names[0] ?? ""}
      data-testid={`setting-${name}`}
      onChange={({ currentTarget: { value } }) => change(withSetting(settings, name, [value]))}
    >
      {names.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  </label>
);

const Written = ({
  name,
  title,
  usual,
  settings,
  isNumber = false,
}: {
  readonly name: string;
  readonly title: string;
  readonly usual: string;
  readonly settings: Settings;
  readonly isNumber?: boolean;
}) => (
  <label>
    {title}
    <input
      type="text"
      inputMode={isNumber ? "numeric" : "text"}
      value={settings.get(name)?.[0] ?? ""}
      placeholder={usual}
      data-testid={`setting-${name}`}
      onChange={({ currentTarget: { value } }) => change(withSetting(settings, name, [value.trim()]))}
    />
  </label>
);

const written: ReadonlyArray<readonly [name: string, title: string, usual: string, isNumber?: true]> = [
  ["cpus", "CPUs", "8", true],
  ["seed", "Seed", "1", true],
  ["topology", "Topology", "flat"],
  ["attempts", "Attempts", "by the model"],
  ["limit", "Limit", "by the model"],
];

const ownFields: readonly string[] = ["model", "models", "workload", "patch", "fault", ...written.map(([name]) => name)];

export const SettingsForm = ({ settings, choices, hasModel }: Props) => {
  const others = [...settings].filter(([name]) => !ownFields.includes(name));
  return (
    <form class="settings" aria-label="Settings" onSubmit={(event) => event.preventDefault()}>
      {hasModel && <Choice name="model" title="Model" names={choices.models.map(({ name }) => name)} settings={settings} />}
      <Choice name="workload" title="Workload" names={choices.workloads} settings={settings} />
      <Choice name="patch" title="Patch" names={choices.patches} settings={settings} />
      {written.map(([name, title, usual, isNumber]) => (
        <Written key={name} name={name} title={title} usual={usual} settings={settings} isNumber={isNumber === true} />
      ))}
      {others.map(([name, values]) => (
        <label key={name}>
          {name}
          <button
            type="button"
            aria-label={`Leave out ${name} ${values.join(", ")}`}
            onClick={() => change(withSetting(settings, name, []))}
          >
            {values.join(", ")} ✕
          </button>
        </label>
      ))}
    </form>
  );
};

/** Faults of the experiment: each can be taken out, and any line of the grammar added. */
export const FaultList = ({ settings }: { readonly settings: Settings }) => {
  const [line, setLine] = useState("");
  const faults = settings.get("fault") ?? [];
  const add = (event: Event): void => {
    event.preventDefault();
    change(withSetting(settings, "fault", [...faults, line.trim()]));
    setLine("");
  };
  return (
    <>
      <ul class="faults" data-testid="faults">
        {faults.map((text, i) => (
          <li key={`${i} ${text}`}>
            <code>{text}</code>
            <button
              type="button"
              aria-label={`Leave out ${text}`}
              onClick={() => change(withSetting(settings, "fault", faults.toSpliced(i, 1)))}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
      <form class="row" onSubmit={add}>
        <input
          class="grows"
          aria-label="A fault as a line of the grammar"
          placeholder="drop 20% of ack during prepare"
          value={line}
          data-testid="fault-line"
          onInput={({ currentTarget: { value } }) => setLine(value)}
        />
        <button type="submit" data-testid="add-fault">
          Add
        </button>
      </form>
    </>
  );
};
