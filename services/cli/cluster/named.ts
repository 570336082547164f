// What every process of a run that is spread over hosts has to know: its server, and the name of the run.
import { isRunName } from "../../../shared/live/bus/subjects.ts";
import { BadInput } from "../../../shared/machine/badInput.ts";

export const runNamed = (verb: string, name: string | undefined): string => {
  if (name === undefined) throw new BadInput("", "--run", `a ${verb} needs the name of the run, the same for all of its processes`);
  if (!isRunName(name)) throw new BadInput("", "--run", `"${name}" is not a name (up to 64 letters, digits, - and _)`);
  return name;
};

export const urlNamed = (verb: string, url: string | undefined): string => {
  if (url === undefined || url === "") throw new BadInput("", "--nats", `a ${verb} needs the address of a NATS server: nats://HOST:4222`);
  return url;
};
