// The palette: a click strikes the CPU that is chosen, at the time that is looked at. What has been is what it was: same seed, same prefix.

import { type FaultClick, faultClicks } from "../../../shared/page/faultClicks.ts";
import { timeText } from "../../../shared/page/frame.ts";
import type { Playback } from "../canvas/playback.ts";
import { change, type Settings, withSetting } from "./settings.ts";

export const Palette = ({ playback, settings }: { readonly playback: Playback; readonly settings: Settings }) => {
  const { chosen, at } = playback;
  const cpu = chosen.value ?? 0;
  const strike = ({ textOf }: FaultClick): void => {
    playback.pause();
    change(withSetting(settings, "fault", [...(settings.get("fault") ?? []), textOf(at.value, cpu)]));
  };
  const row = (title: string, strikes: FaultClick["strikes"]) => (
    <fieldset class="strikes" aria-label={title}>
      <span class="quiet">{title}</span>
      {faultClicks
        .filter((click) => click.strikes === strikes)
        .map((click) => (
          <button key={click.name} type="button" title={click.says} data-testid={`strike-${click.name}`} onClick={() => strike(click)}>
            {click.title}
          </button>
        ))}
    </fieldset>
  );
  return (
    <section class="panel" aria-labelledby="palette-title" data-testid="palette">
      <h2 id="palette-title">Strike at {timeText(at.value)}</h2>
      {row(`cpu ${cpu}`, "cpu")}
      {row("coordinator", "coordinator")}
      <p class="quiet">
        Click a row of the picture to choose a CPU and a time. The machine runs again from its start: all before this time stays as it was.
      </p>
    </section>
  );
};
