// Who holds the machine up now, and what has happened, newest first.

import type { Film } from "../../../shared/page/film.ts";
import { timeText } from "../../../shared/page/frame.ts";

const mostNamed = 12;
const mostNews = 30;

export const Waiting = ({ film, isOver }: { readonly film: Film; readonly isOver: boolean }) => {
  const { round, at, reasons } = film.present;
  const waited = isOver ? [] : film.present.waitedFor(mostNamed);
  return (
    <section class="panel" aria-labelledby="waiting-title">
      <h2 id="waiting-title">Who holds it up</h2>
      {round === null || waited.length === 0 ? (
        <p class="quiet" data-testid="waiting">
          Nobody is waited for.
        </p>
      ) : (
        <p data-testid="waiting">
          <b>
            cpu {waited.join(", ")}
            {round.of - round.acks > waited.length ? ` and ${round.of - round.acks - waited.length} more` : ""}
          </b>{" "}
          {waited.length === 1 ? "has" : "have"} not answered {round.phase} for {timeText(at - round.since)}
        </p>
      )}
      <ul class="plain">
        {reasons.map((reason, i) => (
          <li key={i}>{reason}</li>
        ))}
      </ul>
      <Faults film={film} />
    </section>
  );
};

const Faults = ({ film: { faults, packets } }: { readonly film: Film }) => (
  <>
    {packets !== null && (
      <p class="quiet number" data-testid="packets">
        {packets.sent} IPIs sent, {packets.dropped} lost, {packets.delayed} late, {packets.duplicated} twice
      </p>
    )}
    {faults.length > 0 && (
      <table>
        <caption class="unseen">Faults, and how often each has struck</caption>
        <thead>
          <tr>
            <th scope="col">Fault</th>
            <th scope="col">Could</th>
            <th scope="col">Struck</th>
          </tr>
        </thead>
        <tbody>
          {faults.map(({ text, matched, applied }, i) => (
            <tr key={i}>
              <td>
                <code>{text}</code>
              </td>
              <td class="number">{matched}</td>
              <td class="number" data-testid="struck">
                {applied}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </>
);

export const News = ({ film: { news }, notices }: { readonly film: Film; readonly notices: readonly string[] }) => (
  <section class="panel" aria-labelledby="news-title">
    <h2 id="news-title">What happened</h2>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
    <ol class="plain news" tabIndex={0} aria-labelledby="news-title" data-testid="news">
      {news.slice(0, mostNews).map(({ at, text }, i) => (
        <li key={news.length - i}>
          <span class="number quiet">{timeText(at)}</span>
          <span>{text}</span>
        </li>
      ))}
    </ol>
    {notices.map((notice, i) => (
      <p key={i} class="doubt">
        {notice}
      </p>
    ))}
  </section>
);
