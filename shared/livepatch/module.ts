// A kernel module as data: what it brings, what it patches, and what its code does, step by step.

export interface Parameter {
  readonly type: "int" | "bool" | "int list";
  /** As it reads before anybody sets it. */
  readonly initial: string;
  /** It may be written in /sys/module/M/parameters after loading. */
  readonly writable: boolean;
}

/** What the saved console log level of a system state is taken through. */
export type LogLevelStep = "allocate" | "set" | "take-over" | "restore" | "free";

/** One thing that code does. Texts are printed behind the module's name; `{object}` is what a callback was called for. */
export type Action =
  | { readonly do: "print"; readonly text: string }
  /** Return the error that this parameter holds, if it is not 0. */
  | { readonly do: "fail-with"; readonly parameter: string }
  /** By whether an earlier patch on the list has this system state. */
  | { readonly do: "if-earlier-state"; readonly state: number; readonly present: readonly Action[]; readonly absent: readonly Action[] }
  | { readonly do: "log-level"; readonly step: LogLevelStep; readonly state: number }
  /** Take the pid of the task that runs this off a list. */
  | { readonly do: "strike-pid"; readonly parameter: string }
  /** Let a kernel worker call this function of the module. */
  | { readonly do: "start-work"; readonly function: string }
  /** Wait until the work has ended, or not at all while a flag is set. */
  | { readonly do: "flush-work"; readonly unless?: string }
  | { readonly do: "complete"; readonly completion: string }
  | { readonly do: "await"; readonly completion: string }
  /** Sleep so long, again and again, while a flag is set. */
  | { readonly do: "sleep-while"; readonly parameter: string; readonly ns: number }
  | { readonly do: "set-parameter"; readonly parameter: string; readonly value: string }
  /** With a post handler (by a flag) the probe changes the instruction pointer, as a redirection does. */
  | { readonly do: "add-kprobe"; readonly function: string; readonly postHandler: string }
  | { readonly do: "remove-kprobe"; readonly function: string }
  | ShadowAction;

/** Use of shadow variables; pointers are named in the order in which they are first mentioned. */
export type ShadowAction =
  | { readonly do: "name-pointer"; readonly pointer: string }
  /** `expect`: the pointer that the variable holds, or null for no variable. */
  | { readonly do: "shadow-get"; readonly of: string; readonly id: string; readonly expect: string | null }
  | {
      readonly do: "shadow-alloc" | "shadow-get-or-alloc";
      readonly of: string;
      readonly id: string;
      readonly data: string;
      /** The pointer that a variable which was there before holds. */
      readonly expect?: string;
    }
  | { readonly do: "shadow-free"; readonly of: string; readonly id: string }
  | { readonly do: "shadow-free-all"; readonly id: string };

/** A function: what it writes into the file that it stands behind, or what it does when it is called. */
export interface FunctionSpec {
  readonly shows?: string;
  readonly does?: readonly Action[];
}

/** A readable file: the function behind it, or how many entries other than 0 a list has. */
export type FileSpec = { readonly function: string } | { readonly counts: string };

export const callbackNames = ["pre-patch", "post-patch", "pre-unpatch", "post-unpatch"] as const;
export type CallbackName = (typeof callbackNames)[number];
export type Callbacks = Partial<Readonly<Record<CallbackName, readonly Action[]>>>;

export interface PatchedObjectSpec {
  readonly object: string;
  readonly functions: ReadonlyArray<{ readonly old: string; readonly new: string }>;
  readonly callbacks?: Callbacks;
}

export interface PatchSpec {
  /** Always, never, or as an int parameter says. */
  readonly replace: boolean | { readonly parameter: string };
  readonly objects: readonly PatchedObjectSpec[];
  readonly states?: ReadonlyArray<{ readonly id: number; readonly version: number }>;
}

export interface ModuleSpec {
  readonly schema: "quiesce.module/1";
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly functions?: Readonly<Record<string, FunctionSpec>>;
  readonly files?: Readonly<Record<string, FileSpec>>;
  /** System call by name, and the function that serves it: of the kernel itself. */
  readonly systemCalls?: Readonly<Record<string, string>>;
  readonly patch?: PatchSpec;
  readonly init?: readonly Action[];
  readonly exit?: readonly Action[];
}

/** The name of the kernel itself among the objects of a patch. */
export const vmlinux = "vmlinux";
