// What a virtual run still waits for: as long as there is any of it, the run is not over.
import type { Fact } from "../protocol/facts.ts";
import type { Living } from "./actors.ts";

export class Outstanding {
  /** CPUs that have said hello and are not welcomed yet. */
  unsettled = 0;
  /** Starts, faults and notices still to come. */
  ahead = 0;
  /** Coordinators that live and have neither finished nor stood down. */
  private busyCoordinators = 0;
  /** Who took the last term: the others know nothing of what it left undone. */
  private holder: Living | undefined;

  /** Under a load CPUs go on for a while when all is done, with whatever faults last; Infinity until then. */
  coolUntil = Infinity;
  private readonly coolNs: number;

  constructor(coolNs: number) {
    this.coolNs = coolNs;
  }

  /** Nothing is left to do, to come up or to befall anybody, and no load to go on with. */
  isOver(now: number): boolean {
    if (this.busyCoordinators > 0 || this.unsettled > 0 || this.ahead > 0 || !this.isHeld) return false;
    if (this.coolNs > 0 && this.coolUntil === Infinity) this.coolUntil = now + this.coolNs;
    return this.coolNs === 0;
  }

  /** Whoever took the last term lives. */
  get isHeld(): boolean {
    return this.holder?.alive === true;
  }

  note(living: Living, { fact }: Fact): void {
    if (fact === "running") this.unsettled--;
    else if (fact === "took") this.holder = living;
    else if (fact === "finished") this.setBusy(living, false);
    else if (fact === "stood-down") this.retire(living);
    else if (fact === "opened") this.setBusy(living, true);
  }

  setBusy(coordinator: Living, busy: boolean): void {
    if (coordinator.busy !== busy) this.busyCoordinators += busy ? 1 : -1;
    coordinator.busy = busy;
  }

  /** Whoever took the term over may have died before it could say so: then nobody holds it. */
  private retire(coordinator: Living): void {
    this.setBusy(coordinator, false);
    if (this.holder === coordinator) this.holder = undefined;
  }
}
