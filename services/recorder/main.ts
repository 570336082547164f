// The recorder process of a live run: told what to record on stdin, it answers with the judgement on stdout.
import { text } from "node:stream/consumers";
import { type RecordOrder, record } from "./record.ts";

const judgement = record(JSON.parse(await text(process.stdin)) as RecordOrder);
process.stdout.write(JSON.stringify(judgement));
