import type { LatencyRow } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { formatNumber, millisText, percentText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { moreText } from '../shortlist.ts';
import { type Cell, table } from '../view.ts';
import { PHASE_WORDS } from '../words.ts';

const MOST_ROWS = 60;
const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

/** Rows with the same figures: one request passes several services, and where it went is the same for all of them. */
type Folded = LatencyRow & { readonly services: readonly string[] };

function folded(rows: readonly LatencyRow[]): readonly Folded[] {
  const found = new Map<string, { row: LatencyRow; services: string[] }>();
  for (const row of rows) {
    const { service, ...same } = row;
    const key = JSON.stringify(same);
    const known = found.get(key);
    if (known === undefined) found.set(key, { row, services: [service] });
    else known.services.push(service);
  }
  return [...found.values()].map(({ row, services }) => ({ ...row, services }));
}

/** The slowest rows where there are too many, in the order in which they came. */
function slowest(rows: readonly Folded[]): readonly Folded[] {
  if (rows.length <= MOST_ROWS) return rows;
  const kept = new Set(rows.toSorted((a, b) => (b.p95 ?? b.max) - (a.p95 ?? a.max)).slice(0, MOST_ROWS));
  return rows.filter((row) => kept.has(row));
}

function quantile(row: LatencyRow, key: keyof typeof QUANTILES): Cell {
  const value = row[key];
  if (value !== null) return { num: millisText(value) };
  return { num: row.censored >= 1 - QUANTILES[key] ? 'unanswered' : 'too few' };
}

function services({ services: names }: Folded): string {
  const shown = names.slice(0, 6).map((name) => oneLine(name, 60));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${formatNumber(more, 0)} more` : ''}`;
}

/** Percentiles of complete answers, with the share of the phase that never came. */
export function percentiles(rows: readonly LatencyRow[]): Html {
  if (rows.length === 0) return html`<p class="none">No complete answer, so no percentile.</p>`;
  const all = folded(rows);
  const shown = slowest(all);
  const more = all.length - shown.length;
  return html`${table({
    caption: 'Latency of complete answers in ms, by phase and serving place; the same figures share a row',
    columns: ['Phase', 'Never answered', 'Zone', 'Services', 'Answers', 'p50', 'p90', 'p95', 'p99', 'max'],
    rows: shown.map((row) => [
      { head: PHASE_WORDS[row.phase] },
      { num: percentText(row.censored) },
      oneLine(row.zone, 60),
      services(row),
      { num: formatNumber(row.n, 0) },
      quantile(row, 'p50'),
      quantile(row, 'p90'),
      quantile(row, 'p95'),
      quantile(row, 'p99'),
      { num: millisText(row.max) },
    ]),
  })}${more > 0 ? html`<p class="sub">These are the slowest; ${moreText(more)}.</p>` : ''}`;
}
