// What `quiesce list` can list: known without loading all that is listed.
export const listNames = [
  "models",
  "faults",
  "mutants",
  "properties",
  "profiles",
  "workloads",
  "patches",
  "formats",
  "arrivals",
  "thresholds",
  "settings",
  "schemas",
] as const;

export type ListName = (typeof listNames)[number];
export type Listed = ListName | "all";
