// The form that starts a machine: its settings, beginning with those that serve was given, and the faults that it begins with.
import { signal, useSignal } from "@preact/signals";
import type { Choices } from "../../serve/api.ts";
import { choices, send } from "./session.ts";

/** Faults for the machine that is started next. */
export const nextFaults = signal<readonly string[]>([]);
/** Whether the model that is chosen has transitions: phases of faults depend on it. */
export const nextIsGradual = signal(false);

interface FieldProps {
  readonly name: string;
  readonly title: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

const Choose = ({ name, title, value, names, onChange }: FieldProps & { readonly names: readonly string[] }) => (
  <label class="field">
    <span>{title}</span>
    <select value={value} data-testid={`start-${name}`} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
      {names.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  </label>
);

const Count = ({ name, title, value, onChange, hint }: FieldProps & { readonly hint: string }) => (
  <label class="field">
    <span>{title}</span>
    <input
      inputMode="numeric"
      pattern="[0-9]*"
      value={value}
      placeholder={hint}
      data-testid={`start-${name}`}
      onInput={({ currentTarget }) => onChange(currentTarget.value)}
    />
  </label>
);

/** What the form knows; an empty text leaves a setting to its default. */
type Fields = Readonly<Record<"model" | "cpus" | "hosts" | "workload" | "patch" | "seed", string>>;

const fieldsOf = ({ models, workloads, patches, settings }: Choices): Fields => {
  const given = (name: string, usual: string): string => settings[name]?.[0] ?? usual;
  return {
    model: given("model", models[0]?.name ?? ""),
    cpus: given("cpus", "8"),
    hosts: given("hosts", ""),
    workload: given("workload", workloads[0] as string),
    patch: given("patch", patches[0] as string),
    seed: given("seed", ""),
  };
};

export const StartForm = ({ canSteer }: { readonly canSteer: boolean }) => {
  const offered = choices.value;
  if (offered === null) return <p class="quiet">Asking what there is to choose from…</p>;
  return <Form offered={offered} canSteer={canSteer} />;
};

const Form = ({ offered, canSteer }: { readonly offered: Choices; readonly canSteer: boolean }) => {
  const fields = useSignal(fieldsOf(offered));
  const stayOn = useSignal(true);
  nextIsGradual.value = offered.models.find(({ name }) => name === fields.value.model)?.gradual === true;
  const set = (name: keyof Fields) => (value: string) => {
    fields.value = { ...fields.value, [name]: value };
  };
  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    const texts = Object.entries(fields.value).filter(([, value]) => value !== "");
    const faults = [...(offered.settings.fault ?? []), ...nextFaults.value];
    const settings = { ...Object.fromEntries(texts.map(([name, value]) => [name, [value]])), ...(faults.length > 0 && { fault: faults }) };
    if (await send({ do: "start", settings, stayOn: stayOn.value })) nextFaults.value = [];
  };
  const { model, cpus, hosts, workload, patch, seed } = fields.value;
  return (
    <form class="fields" onSubmit={start} data-testid="start-form">
      <Choose name="model" title="Model" value={model} names={offered.models.map(({ name }) => name)} onChange={set("model")} />
      <Count name="cpus" title="CPUs" value={cpus} hint="8" onChange={set("cpus")} />
      <Count name="hosts" title="Processes" value={hosts} hint="by CPUs" onChange={set("hosts")} />
      <Choose name="workload" title="Workload" value={workload} names={offered.workloads} onChange={set("workload")} />
      <Choose name="patch" title="Patch" value={patch} names={offered.patches} onChange={set("patch")} />
      <Count name="seed" title="Seed" value={seed} hint="drawn" onChange={set("seed")} />
      <label class="field-on">
        <input
          type="checkbox"
          checked={stayOn.value}
          data-testid="start-stay-on"
          onChange={({ currentTarget }) => {
            stayOn.value = currentTarget.checked;
          }}
        />{" "}
        stays on when it is patched
      </label>
      <button type="submit" class="first" disabled={!canSteer} data-testid="start">
        Start and patch
      </button>
    </form>
  );
};
