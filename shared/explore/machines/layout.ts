// Where a world's parts stand in its row.
import type { Row } from "../search/system.ts";
import type { Budgets } from "./setup.ts";

/** `never`: a coordinator life that has not begun. */
export const never = -1;

export class Layout {
  readonly cpus: number;
  /** Lives of coordinators that there can be. */
  readonly lives: number;
  /** Incoming packets stand behind the actors. */
  readonly inboxes: number;
  readonly register: number;
  readonly budgets: number;
  /** 1 once a monitor has found something: such a world is another one, whatever else is the same. */
  readonly broken: number;
  readonly judges: number;
  readonly width: number;

  constructor(cpus: number, budgets: Budgets) {
    this.cpus = cpus;
    this.lives = 1 + budgets.coordinatorCrashes + budgets.secondCoordinator;
    this.inboxes = cpus + this.lives;
    this.register = 2 * this.inboxes;
    this.budgets = this.register + 1;
    this.broken = this.budgets + 1;
    this.judges = this.broken + 1;
    this.width = this.judges + 1;
  }

  coordinator(life: number): number {
    return this.cpus + life;
  }

  inboxOf(actor: number): number {
    return this.inboxes + actor;
  }
}

const order = ["drops", "copies", "cpuCrashes", "coordinatorCrashes", "secondCoordinator", "calls", "checks"] as const;

const shiftOf = (budget: keyof Budgets): number => 4 * order.indexOf(budget);

/** All budgets in one number. */
export const packBudgets = (budgets: Budgets): number => order.reduce((packed, budget) => packed | (budgets[budget] << shiftOf(budget)), 0);

export const left = (packed: number, budget: keyof Budgets): number => (packed >>> shiftOf(budget)) & 15;

export const spend = (row: Row, at: number, budget: keyof Budgets): void => {
  row[at] = (row[at] as number) - (1 << shiftOf(budget));
};
