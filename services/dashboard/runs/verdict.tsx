// What came of a run: verdict first, then why, then the numbers, then who held it up.

import { useState } from "preact/hooks";
import { timeCell } from "../../../shared/report/compareText.ts";
import type { Summary } from "../../../shared/report/summary.ts";

const looks = { valid: "good", violated: "bad", unknown: "doubt" } as const;
const signs = { valid: "✓", violated: "✗", unknown: "?" } as const;

const us = (value: number | null): string => (value === null ? "-" : timeCell(value));

export const Verdict = ({ summary }: { readonly summary: Summary }) => {
  const { verdict, reasons, timings, ipis, attempts, violations } = summary;
  const isNew = (text: string): boolean => !violations.some(({ reason }) => text.includes(reason));
  const numbers: ReadonlyArray<readonly [name: string, value: string]> = [
    ["attempts", String(attempts)],
    ["gather", us(timings.gatherUs)],
    ["stop", us(timings.stopUs)],
    ["mixed", us(timings.mixedUs)],
    ["total", us(timings.totalUs)],
    ["IPIs", String(ipis.sent)],
    ["lost", String(ipis.dropped)],
    ["resent", String(ipis.resent)],
  ];
  return (
    <section class="panel" aria-labelledby="verdict-title">
      <h2 id="verdict-title" class={looks[verdict]} data-testid="verdict">
        {signs[verdict]} {verdict}
      </h2>
      {violations.slice(0, 5).map(({ monitor, reason }, i) => (
        <p key={i} class="bad" data-testid="violation">
          {monitor}: {reason}
        </p>
      ))}
      {reasons.filter(isNew).map((reason) => (
        <p key={reason} class="quiet">
          {reason}
        </p>
      ))}
      <dl class="numbers" data-testid="numbers">
        {numbers.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number" data-testid={`number-${name.toLowerCase()}`}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <Blame summary={summary} />
    </section>
  );
};

const mostBlamed = 5;

/** Who held it up, with a bar as long as it did. */
const Blame = ({ summary: { blame } }: { readonly summary: Summary }) => {
  if (blame.length === 0) return null;
  const longest = Math.max(...blame.map(({ heldUs }) => heldUs), 1e-9);
  return (
    <table class="blame" data-testid="blame">
      <caption>Who held it up</caption>
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col">Why</th>
          <th scope="col">Phase</th>
          <th scope="col">For</th>
        </tr>
      </thead>
      <tbody>
        {blame.slice(0, mostBlamed).map(({ cpu, task, function: inside, why, phase, heldUs }, i) => (
          <tr key={i}>
            <th scope="row">
              {cpu === undefined ? "coordinator" : `cpu ${cpu}`} {task}
            </th>
            <td>
              {why}
              {inside === undefined ? "" : ` (in ${inside})`}
            </td>
            <td>{phase}</td>
            <td class="number">
              <span class="bar-held" style={{ width: `${(60 * heldUs) / longest}px` }} /> {timeCell(heldUs)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** A line to take along. */
export const CopyLine = ({ name, line }: { readonly name: string; readonly line: string }) => {
  const [copied, setCopied] = useState("");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(line);
      setCopied("Copied");
    } catch {
      setCopied("Not allowed to copy: mark the line instead");
    }
  };
  return (
    <div class="copy-line">
      <span class="quiet">{name}</span>
      <code data-testid={`line-${name.toLowerCase()}`}>{line}</code>
      <button type="button" onClick={copy} data-testid={`copy-${name.toLowerCase()}`}>
        Copy
      </button>
      <span role="status">{copied}</span>
    </div>
  );
};
