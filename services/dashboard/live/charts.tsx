// Two charts below the picture, over the same stretch of time: how many CPUs are in each state, and how many IPIs there are.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Film } from "../../../shared/page/film.ts";
import { mostTicks, ticksOf } from "../../../shared/page/frame.ts";
import { colourOf, type Scheme, type StateShown, shownOf } from "../../../shared/page/look.ts";
import { pageStates } from "../../../shared/page/pageStates.ts";
import { trafficKinds } from "../../../shared/page/present.ts";
import type { Frame } from "../../../shared/page/raster.ts";
import { inksOf } from "../canvas/scheme.ts";

/** In the order of a stop; CPUs that run what they ran before are the rest. */
const drawn: readonly StateShown[] = ["leaving the kernel", "held", "stopped", "interrupts off", "switching", "patched"];

const bins = 80;
const height = 150;
const axisPixels = 54;
/** So that a line at the top is seen whole. */
const headroom = 1.06;
/** There is no half of a CPU. */
const wholeSteps = [1, 10, 100, 1_000, 10_000, 100_000].flatMap((power) => [power, 2 * power, 5 * power]);

type Columns = ReadonlyArray<ArrayLike<number>>;

/** Adds up what is shown as the same. */
const censusColumns = ({ census }: Film): Columns => {
  const sums = drawn.map(() => new Float64Array(census.length));
  for (const code of pageStates.keys()) {
    const sum = sums[drawn.indexOf(shownOf(code))];
    if (sum === undefined) continue;
    const column = census.column(code);
    for (let i = 0; i < column.length; i++) sum[i] = (sum[i] as number) + (column[i] as number);
  }
  return [census.at.subarray(0, census.length).map((ns) => ns / 1e6), ...sums];
};

/** IPIs a millisecond, in equal stretches of what is in sight. */
const trafficColumns = ({ traffic }: Film, { fromNs, toNs }: Frame): Columns => {
  const width = (toNs - fromNs) / bins;
  const middles = Float64Array.from({ length: bins }, (_, bin) => (fromNs + (bin + 0.5) * width) / 1e6);
  const rates = trafficKinds.map((_, kind) =>
    Float64Array.from({ length: bins }, (__, bin) => {
      const [from, to] = [fromNs + bin * width, fromNs + (bin + 1) * width];
      return ((traffic.valueAt(kind, to) - traffic.valueAt(kind, from)) / width) * 1e6;
    }),
  );
  return [middles, ...rates];
};

interface Line {
  readonly label: string;
  readonly colour: string;
  readonly dash?: number[];
}

const linesOf = (what: "census" | "traffic", scheme: Scheme): readonly Line[] => {
  if (what === "census") return drawn.map((state) => ({ label: state, colour: colourOf(state, scheme) }));
  const inks = inksOf(scheme);
  return [
    { label: "asked", colour: inks.accent },
    { label: "asked again", colour: inks.bad, dash: [5, 3] },
    { label: "answered", colour: inks.doubt },
  ];
};

/** Those of the picture above. */
const ticksIn = ({ scales, width }: uPlot) =>
  ticksOf({ fromNs: (scales.x?.min ?? 0) * 1e6, toNs: (scales.x?.max ?? 0) * 1e6 }, mostTicks(width - axisPixels));

const optionsOf = (what: "census" | "traffic", scheme: Scheme, width: number): uPlot.Options => {
  const { quiet, line } = inksOf(scheme);
  const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "11px system-ui, sans-serif" };
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  return {
    width,
    height,
    // The legend of the picture above tells the states.
    legend: {
      show: what === "traffic",
      live: false,
      markers: { width: 0, fill: (_, place) => linesOf(what, scheme)[place - 1]?.colour ?? "" },
    },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_, __, most) => [0, headroom * Math.max(1, most)] } },
    axes: [
      {
        ...axis,
        size: 30,
        splits: (plot) => ticksIn(plot).at.map((ns) => ns / 1e6),
        values: (plot, ticks) => ticks.map((ms) => ticksIn(plot).label(ms * 1e6)),
      },
      { ...axis, size: axisPixels, ...(what === "census" && { incrs: wholeSteps }) },
    ],
    series: [
      {},
      ...linesOf(what, scheme).map(({ label, colour, dash }) => ({
        label,
        stroke: colour,
        width: 2,
        points: { show: false },
        ...(dash !== undefined && { dash }),
        ...(what === "census" && stepped !== undefined && { paths: stepped }),
      })),
    ],
  };
};

interface Props {
  readonly what: "census" | "traffic";
  readonly title: string;
  readonly film: Film;
  readonly frame: Frame;
  readonly scheme: Scheme;
}

export const Chart = ({ what, title, film, frame, scheme }: Props) => {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const made = new uPlot(optionsOf(what, scheme, current.clientWidth), [[]], current);
    plot.current = made;
    const size = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height }));
    size.observe(current);
    return () => {
      size.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [what, scheme]);
  useEffect(() => {
    const columns = what === "census" ? censusColumns(film) : trafficColumns(film, frame);
    plot.current?.batch(() => {
      plot.current?.setData(columns as uPlot.AlignedData, false);
      plot.current?.setScale("x", { min: frame.fromNs / 1e6, max: frame.toNs / 1e6 });
    });
  });
  return (
    <figure class="chart" data-testid={`chart-${what}`}>
      <figcaption class="quiet">{title}</figcaption>
      <div ref={place} />
    </figure>
  );
};
