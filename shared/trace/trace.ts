// A journal drawn in one of the formats: entries in, pieces of the file out.
import type { Entry } from "../journal/entry.ts";
import type { Canvas, Draught, Format } from "./format.ts";
import { Story } from "./story.ts";
import { Through } from "./window.ts";

export class Trace {
  private readonly draught: Draught;
  private readonly through: Through;
  private readonly story: Story;

  constructor(format: Format, canvas: Canvas) {
    this.draught = format.draw(canvas);
    this.through = new Through(canvas.window, this.draught.take);
    this.story = new Story(canvas.header, this.through.take);
  }

  take(entry: Entry): void {
    this.story.take(entry);
  }

  /** From here on the journal holds facts only. */
  factsOnly(): void {
    this.story.finish();
  }

  /** After the last entry. Gives the number of moments that the picture does not show because they were too many. */
  finish(): number {
    this.story.finish();
    this.through.finish();
    this.draught.finish();
    return this.draught.leftOut();
  }
}
