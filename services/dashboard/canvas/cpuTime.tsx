// CPUs against time, to look about in: by wheel, by dragging and by keys; a hint says what is under the pointer, a table says it without a picture.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { moved, timeText, wholeOf, zoomed } from "../../../shared/page/frame.ts";
import { type Recording, spanAt, spanTextAt } from "../../../shared/page/recording.ts";
import { margin, Painter } from "./paint.ts";
import type { Playback } from "./playback.ts";
import { useRepaint } from "./repaint.ts";
import { scheme } from "./scheme.ts";
import { StateTable } from "./stateTable.tsx";

const zoomAWheel = 1.0015;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where in the plot, in shares of it. */
const shareOf = (canvas: HTMLCanvasElement, { x, y }: Point): Point => ({
  x: (x - margin.left) / Math.max(1, canvas.clientWidth - margin.left - margin.right),
  y: (y - margin.top) / Math.max(1, canvas.clientHeight - margin.top - margin.bottom),
});

const isInside = ({ x, y }: Point): boolean => x >= 0 && x <= 1 && y >= 0 && y < 1;

/** What is at this place: a CPU, a time. */
const placeAt = ({ frame: { value: frame } }: Playback, { x, y }: Point): { readonly cpu: number; readonly at: number } => ({
  cpu: Math.floor(frame.firstCpu + y * frame.cpus),
  at: frame.fromNs + x * (frame.toNs - frame.fromNs),
});

/** `cpu 3: held, from 1.2 ms to 1.4 ms`, and what struck nearby. */
const hintAt = (recording: Recording, cpu: number, at: number, nearNs: number): string => {
  const { spans, endNs, marks } = recording;
  const [state, from] = spanTextAt(recording, cpu, at);
  const span = Math.max(spanAt(spans, cpu, at), (spans.first[cpu] as number) - 1);
  const last = span + 1 >= (spans.first[cpu + 1] as number);
  const until = last ? endNs : (spans.at[span + 1] as number);
  const near = marks.find((mark) => Math.abs(mark.at - at) <= nearNs && (mark.actor === undefined || mark.actor === cpu));
  const struck = near === undefined ? "" : `; ${near.is} at ${timeText(near.at)}: ${near.text}`;
  return `cpu ${cpu}: ${state} from ${timeText(from)} to ${timeText(until)} (${timeText(until - from)})${struck}`;
};

interface Props {
  readonly playback: Playback;
  readonly label: string;
}

const usePainting = (canvas: { readonly current: HTMLCanvasElement | null }, playback: Playback): void =>
  useRepaint(canvas, playback, (current) => {
    const painter = new Painter(current);
    return () => {
      const { recording, frame, at, chosen } = playback;
      painter.paint({ recording, frame: frame.value, at: at.value, chosen: chosen.value, scheme: scheme.value });
    };
  });

const shareUnder = (event: MouseEvent): Point => shareOf(event.currentTarget as HTMLCanvasElement, { x: event.offsetX, y: event.offsetY });

/** Preact listens to wheels passively, and a page that scrolls along is no zoom. */
const useWheel = (canvas: { readonly current: HTMLCanvasElement | null }, { frame, recording }: Playback): void =>
  useEffect(() => {
    const { current } = canvas;
    if (current === null) return;
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const factor = zoomAWheel ** event.deltaY;
      frame.value = zoomed(frame.value, recording, { ...shareUnder(event), ...(event.shiftKey ? { cpus: factor } : { time: factor }) });
    };
    current.addEventListener("wheel", wheel, { passive: false });
    return () => current.removeEventListener("wheel", wheel);
  }, [frame]);

/** Below this, in shares of the picture, a hand that drags was only not still. */
const leastDrag = 0.004;

/** Dragging moves, a click looks there, and where the pointer rests says what is there. */
const usePointer = (playback: Playback, hint: Signal<string>) => {
  const { recording, frame } = playback;
  const dragged = useRef<Point | null>(null);
  const wasDragged = useRef(false);
  const drag = ({ x, y }: Point, share: Point): void => {
    if (Math.abs(x - share.x) + Math.abs(y - share.y) < leastDrag && !wasDragged.current) return;
    wasDragged.current = true;
    frame.value = moved(frame.value, recording, x - share.x, y - share.y);
    dragged.current = share;
  };
  return {
    onPointerDown: (event: PointerEvent): void => {
      (event.currentTarget as HTMLCanvasElement).setPointerCapture(event.pointerId);
      dragged.current = shareUnder(event);
      wasDragged.current = false;
    },
    onPointerMove: (event: PointerEvent): void => {
      const share = shareUnder(event);
      if (dragged.current !== null) return drag(dragged.current, share);
      const { cpu, at } = placeAt(playback, share);
      const nearNs = 0.006 * (frame.value.toNs - frame.value.fromNs);
      hint.value = isInside(share) && cpu < recording.cpus ? hintAt(recording, cpu, at, nearNs) : "";
    },
    onPointerUp: (event: PointerEvent): void => {
      const share = shareUnder(event);
      dragged.current = null;
      if (wasDragged.current || !isInside(share)) return;
      const { cpu, at } = placeAt(playback, share);
      playback.chosen.value = Math.min(cpu, recording.cpus - 1);
      playback.seek(at);
    },
    onPointerLeave: (): void => {
      hint.value = "";
    },
    onDblClick: (): void => {
      frame.value = wholeOf(recording);
    },
  };
};

const usage = "Wheel: zoom time; with shift: CPUs. Drag: move. Click: look at that time and CPU. Double click or 0: all of it.";

/** For small multiples: to be looked at only. */
export const SmallCpuTime = ({ playback, label }: Props) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  usePainting(canvas, playback);
  return <canvas ref={canvas} class="cpu-time small" role="img" aria-label={label} data-testid="cpu-time-small" />;
};

export const CpuTime = ({ playback, label }: Props) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const hint = useSignal("");
  usePainting(canvas, playback);
  useWheel(canvas, playback);
  const pointer = usePointer(playback, hint);
  const key = (event: KeyboardEvent): void => {
    if (!event.altKey && !event.ctrlKey && !event.metaKey && lookAbout(playback, event)) event.preventDefault();
  };
  return (
    <div class="picture">
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the picture is looked about in by keys of its own. */}
      <canvas
        ref={canvas}
        class="cpu-time"
        tabIndex={0}
        role="application"
        aria-label={`${label}. Plus and minus zoom, shift and arrows move, up and down choose a CPU; a table says the same.`}
        data-testid="cpu-time"
        onKeyDown={key}
        {...pointer}
      />
      <p class="hint" data-testid="hint">
        {hint.value || usage}
      </p>
      <StateTable playback={playback} label={label} />
    </div>
  );
};

/** What a key does to what is in sight; false if it means nothing here. */
const lookAbout = ({ frame, recording, at, chosen }: Playback, { key, shiftKey }: KeyboardEvent): boolean => {
  const { fromNs, toNs } = frame.value;
  const x = Math.max(0, Math.min(1, (at.value - fromNs) / (toNs - fromNs)));
  if (key === "+" || key === "=") frame.value = zoomed(frame.value, recording, { x, y: 0.5, time: 0.5 });
  else if (key === "-") frame.value = zoomed(frame.value, recording, { x, y: 0.5, time: 2 });
  else if (key === "0") frame.value = wholeOf(recording);
  else if (shiftKey && key === "ArrowLeft") frame.value = moved(frame.value, recording, -0.2, 0);
  else if (shiftKey && key === "ArrowRight") frame.value = moved(frame.value, recording, 0.2, 0);
  else if (shiftKey && key === "ArrowUp") frame.value = moved(frame.value, recording, 0, -0.2);
  else if (shiftKey && key === "ArrowDown") frame.value = moved(frame.value, recording, 0, 0.2);
  else if (key === "ArrowUp") chosen.value = Math.max(0, (chosen.value ?? 1) - 1);
  else if (key === "ArrowDown") chosen.value = Math.min(recording.cpus - 1, (chosen.value ?? -1) + 1);
  else return false;
  return true;
};
