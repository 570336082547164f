// Shadow variables: data attached to an object from outside, by the object and a number (kernel/livepatch/shadow.c).

/** A variable; `address` tells one from another, `holds` is the pointer that its constructor put into it. */
export interface ShadowVariable {
  readonly address: string;
  readonly holds: string;
}

export class ShadowVariables {
  private readonly variables = new Map<string, ShadowVariable>();
  private made = 0;

  get(of: string, id: string): ShadowVariable | undefined {
    return this.variables.get(keyOf(of, id));
  }

  /** Undefined if there is one already. */
  alloc(of: string, id: string, holds: string): ShadowVariable | undefined {
    if (this.get(of, id) !== undefined) return undefined;
    const variable = { address: `shadow variable ${++this.made}`, holds };
    this.variables.set(keyOf(of, id), variable);
    return variable;
  }

  /** What was freed, for its destructor. */
  free(of: string, id: string): ShadowVariable | undefined {
    const variable = this.get(of, id);
    this.variables.delete(keyOf(of, id));
    return variable;
  }

  freeAll(id: string): void {
    for (const key of [...this.variables.keys()]) if (key.endsWith(keyOf("", id))) this.variables.delete(key);
  }
}

const keyOf = (of: string, id: string): string => `${of} ${id}`;
