// What the picture shows at the time that is looked at, as a table: for who reads by ear, for tests, and for more than colours can say.
import { timeText } from "../../../shared/page/frame.ts";
import { spanTextAt } from "../../../shared/page/recording.ts";
import { useDerived } from "./derived.ts";
import type { Playback } from "./playback.ts";

/** Of more CPUs only the one that is chosen is told, and how many are at what. */
const mostRows = 64;

export const StateTable = ({ playback, label }: { readonly playback: Playback; readonly label: string }) => {
  const { recording, at, chosen } = playback;
  // Nobody reads a table that changes sixty times a second.
  const time = useDerived(playback, () => (playback.isPlaying.value ? null : at.value));
  if (time.value === null) return null;
  const { cpus } = recording;
  const shown = cpus <= mostRows ? Array.from({ length: cpus }, (_, cpu) => cpu) : chosen.value === null ? [] : [chosen.value];
  return (
    <div class="unseen">
      <table data-testid="states">
        <caption>
          {label}, at {timeText(time.value)}
        </caption>
        <thead>
          <tr>
            <th scope="col">CPU</th>
            <th scope="col">State</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((cpu) => {
            const [text, since] = spanTextAt(recording, cpu, time.value as number);
            return (
              <tr key={cpu}>
                <th scope="row">cpu {cpu}</th>
                <td>{text}</td>
                <td>{timeText(since)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
};
