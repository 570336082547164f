// Orders of a page, read strictly: what is not exactly one is refused with what was expected.
import * as Schema from "effect/Schema";
import { type SettingName, settingNames } from "../cli/settings/table.ts";
import { Refused } from "./answer.ts";
import type { Order } from "./api.ts";

const Text = Schema.String.check(Schema.isMaxLength(4_096));
const Texts = Schema.Array(Text).check(Schema.isMaxLength(64));

/** What a page may not say: where files are written and who is talked to is up to whoever started the server. */
const own: readonly string[] = ["out", "nats", "engine", "journal"];
export const settable: readonly SettingName[] = settingNames.filter((name) => !own.includes(name));

/** Settings that may be the name of a file on the command line: a page names what there is. */
export const namesFiles: readonly SettingName[] = ["patch", "workload", "profile"];
export const isFileName = (text: string): boolean => /[/\\]|\.json$/.test(text);

const OrderSchema = Schema.Union([
  Schema.Struct({
    do: Schema.Literal("start"),
    settings: Schema.Struct(Object.fromEntries(settable.map((name) => [name, Schema.optionalKey(Texts)]))),
    stayOn: Schema.Boolean,
  }),
  Schema.Struct({ do: Schema.Literal("inject"), fault: Text }),
  Schema.Struct({ do: Schema.Literal("operate"), operation: Schema.Literals(["patch", "unpatch"]) }),
  Schema.Struct({ do: Schema.Literals(["reverse", "force", "finish", "stop"]) }),
]);

const decode = Schema.decodeUnknownSync(OrderSchema, { onExcessProperty: "error" });

export const readOrder = (body: string): Order => {
  try {
    return decode(JSON.parse(body)) as Order;
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refused(400, "an order is JSON");
    if (error instanceof Error) throw new Refused(400, `not an order: ${error.message.split("\n")[0]}`);
    throw error;
  }
};
