// The machine profiles that come with the program.
import shipped from "./data/profiles.json" with { type: "json" };
import { decodeProfile } from "./decode/profile.ts";
import type { Profile } from "./profile.ts";

/** The first one is the default. */
export const profiles: readonly Profile[] = shipped.map((profile) => decodeProfile(JSON.stringify(profile), profile.name));
