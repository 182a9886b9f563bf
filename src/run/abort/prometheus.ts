import { type AbortCondition, type AbortFinding, boundText, queryText } from '../../model/abort.ts';
import type { Clock, HistoryWriter, Prometheus, Sample } from '../../model/ports.ts';
import { formatDuration, type Micros, type Millis } from '../../model/units.ts';
import { askOnce, type QueryWord, sampleText } from './query-value.ts';
import { Quiet } from './quiet.ts';
import type { Watcher } from './watcher.ts';

/** How often a query is asked. */
const POLL_MS: Millis = 5_000;
/** One that tells nothing may miss three answers, whatever its condition's own grace. */
const LEAST_QUIET_MS: Millis = 30_000;

export type PrometheusCondition = Extract<AbortCondition, { kind: 'prometheus' }>;

type PollPorts = {
  readonly clock: Clock;
  readonly history: HistoryWriter;
  readonly note: (asked: Micros, word: QueryWord) => void;
};

/** What the answers to one query amount to. Times are run time, those of the questions. */
export class QueryWatch implements Watcher {
  readonly #condition: PrometheusCondition;
  readonly #quiet: Quiet;
  #told: Micros;
  #why = 'no answer yet';
  #past: { readonly since: Micros; readonly at: Micros; readonly sample: Sample } | undefined;

  constructor(condition: PrometheusCondition, begin: Micros) {
    this.#condition = condition;
    this.#quiet = new Quiet(begin);
    this.#told = begin;
  }

  /** An answer to what was asked at `at`. One without a word neither ends nor lengthens what the last one said. */
  hear(at: Micros, word: QueryWord): void {
    if (word.says === 'nothing') {
      this.#why = word.why;
      return;
    }
    this.#told = at;
    if (word.says === 'past') this.#past = { since: this.#past?.since ?? at, at, sample: word.sample };
    else this.#past = undefined;
  }

  look({ now }: { readonly now: Micros }): AbortFinding | undefined {
    const { query, limit, forMs } = this.#condition;
    const quietMs = Math.max(forMs, LEAST_QUIET_MS);
    const quiet = this.#quiet.look(now, this.#told);
    const past = this.#past;
    if (past !== undefined && past.at - past.since >= forMs * 1000) {
      const allowed = `${boundText(limit)}, past it for ${formatDuration(forMs)}`;
      const measured = sampleText(query, past.sample);
      return { condition: 'prometheus', measured, since: past.since, limit: allowed, graceMs: forMs };
    }
    if (quiet < quietMs * 1000) return undefined;
    const measured = `${queryText(query)} has told nothing (${this.#why})`;
    return { condition: 'prometheus', measured, since: this.#told, limit: formatDuration(quietMs), graceMs: quietMs };
  }
}

/**
 * Asks the query of a watch every few seconds until the signal, and says when it begins and ends to tell nothing. `note` hears
 * of every answer.
 */
export async function pollQuery(
  watch: QueryWatch,
  condition: PrometheusCondition,
  prometheus: Prometheus,
  { clock, history, note }: PollPorts,
  signal: AbortSignal,
): Promise<void> {
  const say = (level: 'info' | 'warning', text: string) => history.append({ type: 'notice', level, text });
  const query = queryText(condition.query);
  let isQuiet = false;
  while (!signal.aborted) {
    const asked = history.now();
    const word = await askOnce(prometheus, condition);
    if (signal.aborted) return;
    watch.hear(asked, word);
    note(asked, word);
    if (word.says === 'nothing' && !isQuiet) say('warning', `prometheus: ${query} tells nothing: ${word.why}`);
    if (word.says !== 'nothing' && isQuiet) say('info', `prometheus: ${query} tells something again`);
    isQuiet = word.says === 'nothing';
    await clock.sleep(Math.max(0, POLL_MS - (history.now() - asked) / 1000), signal);
  }
}
