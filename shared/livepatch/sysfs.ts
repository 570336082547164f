// The directory of a patch below /sys/kernel/livepatch: its attributes, their modes, and what they read as.

import type { Livepatch } from "./core.ts";
import { failed, type Result } from "./errno.ts";
import type { Patch } from "./patch.ts";

/** As `ls -l` shows them (Documentation/ABI/testing/sysfs-kernel-livepatch). */
const modes = { directory: "drwxr-xr-x", readWrite: "-rw-r--r--", readOnly: "-r--r--r--", writeOnly: "--w-------" } as const;

export interface Attribute {
  readonly mode: string;
  /** What it reads as; null for what cannot be read. */
  readonly value: string | null;
}

const directory: Attribute = { mode: modes.directory, value: null };

const oneOrNone = (flag: boolean): string => (flag ? "1" : "0");

/** What is at this path in the directory of a patch; undefined if nothing is. */
export const attributeOf = (livepatch: Livepatch, patch: Patch, path: string): Attribute | undefined => {
  const [first = "", second, third] = path.split("/");
  if (third !== undefined) return undefined;
  if (second !== undefined) return insideObject(patch, first, second);
  switch (first) {
    case "":
      return directory;
    case "enabled":
      return { mode: modes.readWrite, value: oneOrNone(patch.enabled) };
    case "transition":
      return { mode: modes.readOnly, value: oneOrNone(livepatch.isInTransition(patch)) };
    case "replace":
      return { mode: modes.readOnly, value: oneOrNone(patch.replace) };
    case "stack_order":
      return { mode: modes.readOnly, value: String(livepatch.installed.indexOf(patch) + 1) };
    case "force":
      return { mode: modes.writeOnly, value: null };
    default:
      return patch.objects.some(({ name }) => name === first) ? directory : undefined;
  }
};

const insideObject = (patch: Patch, name: string, entry: string): Attribute | undefined => {
  const object = patch.objects.find((each) => each.name === name);
  if (object === undefined) return undefined;
  if (entry === "patched") return { mode: modes.readOnly, value: oneOrNone(object.patched) };
  // Behind the comma: which of several functions of this name.
  return object.functions.some(({ old }) => entry === `${old},1`) ? directory : undefined;
};

const flagOf = (text: string): boolean | undefined => (text === "1" ? true : text === "0" ? false : undefined);

export const writeAttribute = (livepatch: Livepatch, patch: Patch, path: string, text: string): Result => {
  const value = flagOf(text);
  if (path !== "enabled" && path !== "force") return failed(attributeOf(livepatch, patch, path) === undefined ? "ENOENT" : "EACCES");
  if (value === undefined) return failed("EINVAL");
  return path === "enabled" ? livepatch.setEnabled(patch, value) : livepatch.force(patch, value);
};
