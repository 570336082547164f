// What a module does with shadow variables, and what it prints about it: pointers by number, in the order in which they are first told.
import type { ShadowAction } from "./module.ts";
import type { ShadowVariable, ShadowVariables } from "./shadow.ts";

const maker = "shadow_ctor";
const breaker = "shadow_dtor";
const nothing = "NULL";

export class ShadowTester {
  private readonly numbers = new Map<string, number>();
  private readonly variables: ShadowVariables;
  private readonly print: (text: string) => void;

  constructor(variables: ShadowVariables, print: (text: string) => void) {
    this.variables = variables;
    this.print = print;
  }

  private name(pointer: string | undefined): string {
    const known = pointer ?? nothing;
    const number = this.numbers.get(known) ?? this.numbers.size;
    this.numbers.set(known, number);
    return `PTR${number}`;
  }

  perform(action: ShadowAction): void {
    switch (action.do) {
      case "name-pointer":
        this.name(action.pointer);
        return;
      case "shadow-get":
        return this.get(action.of, action.id, action.expect);
      case "shadow-alloc":
        return this.alloc("klp_shadow_alloc", action, this.make(action.of, action.id, action.data));
      case "shadow-get-or-alloc":
        return this.alloc(
          "klp_shadow_get_or_alloc",
          action,
          this.variables.get(action.of, action.id) ?? this.make(action.of, action.id, action.data),
        );
      case "shadow-free":
        return this.free(action.of, action.id);
      case "shadow-free-all":
        this.variables.freeAll(action.id);
        return this.print(`klp_shadow_free_all(id=${action.id}, dtor=${this.name(undefined)})`);
    }
  }

  private get(of: string, id: string, expect: string | null): void {
    const found = this.variables.get(of, id);
    this.print(`klp_shadow_get(obj=${this.name(of)}, id=${id}) = ${this.name(found?.address)}`);
    if (expect !== null) this.compare(found, expect);
    else if (found === undefined) this.print("  got expected NULL result");
  }

  private compare(found: ShadowVariable | undefined, expect: string): void {
    if (found?.holds === expect) this.print(`  got expected ${this.name(found.address)} -> ${this.name(found.holds)} result`);
  }

  /** The constructor runs only where a variable is made. */
  private make(of: string, id: string, data: string): ShadowVariable | undefined {
    const made = this.variables.alloc(of, id, data);
    if (made !== undefined) this.print(`${maker}: ${this.name(made.address)} -> ${this.name(data)}`);
    return made;
  }

  private alloc(
    call: string,
    { of, id, data, expect }: ShadowAction & { do: "shadow-alloc" | "shadow-get-or-alloc" },
    found: ShadowVariable | undefined,
  ): void {
    const given = `obj=${this.name(of)}, id=${id}, size=8, gfp_flags=GFP_KERNEL`;
    const made = `ctor=${this.name(maker)}, ctor_data=${this.name(data)}`;
    this.print(`${call}(${given}), ${made} = ${this.name(found?.address)}`);
    if (expect !== undefined) this.compare(found, expect);
  }

  private free(of: string, id: string): void {
    const freed = this.variables.free(of, id);
    if (freed !== undefined) this.print(`${breaker}(obj=${this.name(of)}, shadow_data=${this.name(freed.address)})`);
    this.print(`klp_shadow_free(obj=${this.name(of)}, id=${id}, dtor=${this.name(breaker)})`);
  }
}
