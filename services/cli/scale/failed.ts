// A sweep that cannot go on here: what was written down stays, and the same command goes on with it elsewhere or later.

export class SweepFailed extends Error {
  readonly _tag = "SweepFailed";
  override readonly name = "SweepFailed";
}
