// Reads a machine profile: whatever the file says becomes a `Profile`, or one message.
import type { ProcessCosts, Profile, TakingUp } from "../profile.ts";
import { integer, json, type Member, number, object, type Place, text, word } from "./checks.ts";

/** A cost of the hardware: at most a minute. */
const ns = integer(0, 60_000_000_000);

/** A probability. */
const share = number(0, 1);

const sources: Member<Profile["sources"]> = (value, place) => {
  const names = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return object<Record<string, string>>(value, place, Object.fromEntries(names.map((name) => [name, text(500)])));
};

const takingUp: Member<TakingUp> = (value, place) => object<TakingUp>(value, place, { messageNs: ns, packetNs: ns });

const processes: Member<ProcessCosts> = (value, place) =>
  object<ProcessCosts>(value, place, { cores: integer(1, 1_000_000), carryNs: ns, host: takingUp, coordinator: takingUp, askNs: ns });

const profile = (value: unknown, place: Place): Profile =>
  object<Required<Profile>>(
    value,
    place,
    {
      schema: word(["quiesce.profile/1"]),
      name: text(64),
      title: text(200),
      cpusPerSocket: integer(1, 1_000_000),
      ipiNs: (inner, at) => object<Profile["ipiNs"]>(inner, at, { near: ns, far: ns, jitter: ns }),
      sendNs: ns,
      receiveNs: ns,
      stopperWakeNs: ns,
      writeNs: ns,
      stackCheckNs: ns,
      stackReader: (inner, at) => object<Profile["stackReader"]>(inner, at, { fails: share, misses: share, stale: share }),
      tickNs: integer(1_000, 1_000_000_000),
      hostCores: integer(0, 1_000_000),
      hostSliceNs: ns,
      registerNs: ns,
      processes,
      sources,
    },
    ["processes"],
  );

/** The profile that `source` (JSON) describes; `file` is what a message names. */
export const decodeProfile = (source: string, file: string): Profile => profile(json(source, file), { file, path: "" });
