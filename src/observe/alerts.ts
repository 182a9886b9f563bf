import { ALL_FIRING, type AlertObjective, firingQuery } from '../model/alert.ts';
import { messageOf } from '../model/errors.ts';
import type { Clock, HistoryWriter, Prometheus, Sample } from '../model/ports.ts';
import type { Micros, Millis } from '../model/units.ts';

/** How often Prometheus is asked; it evaluates its rules every 15 s or so. */
const POLL_MS: Millis = 1_000;

/** A run that ends so long after the last answer has not heard its end. */
const UNHEARD: Micros = 2_000_000;

/** What one round of questions found out. */
type Round = {
  /** For each alert that is asked for, what fires under its name. */
  readonly firing: readonly (readonly Sample[])[];
  /** Names of all alerts that fire. */
  readonly names: readonly string[];
};

/**
 * Asks Prometheus every second which alerts fire, and writes down what changes, with the moment of the last question that
 * was answered otherwise. Resolves at the signal; a Prometheus that does not answer is written down, and asked again.
 */
export async function observeAlerts(
  alerts: readonly AlertObjective[],
  prometheus: Prometheus,
  { clock, history }: { readonly clock: Clock; readonly history: HistoryWriter },
  signal: AbortSignal,
): Promise<void> {
  const log = new AlertLog(alerts, history);
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  while (!signal.aborted) {
    const asked = history.now();
    const round = await Promise.race([ask(alerts, prometheus).catch((error: unknown) => messageOf(error)), over]);
    if (round === undefined || signal.aborted) break;
    if (typeof round === 'string') log.unreadable(round);
    else log.read(asked, round);
    await clock.sleep(Math.max(0, POLL_MS - (history.now() - asked) / 1000), signal);
  }
  log.end();
}

async function ask(alerts: readonly AlertObjective[], prometheus: Prometheus): Promise<Round> {
  const samples = async (query: string): Promise<readonly Sample[]> => {
    const { samples: found, warnings } = await prometheus.ask(query);
    if (warnings[0] !== undefined) throw new Error(`the answer has a warning: ${warnings[0]}`);
    return found;
  };
  const [all, ...firing] = await Promise.all([
    samples(ALL_FIRING),
    ...alerts.map(({ rule }) => samples(firingQuery(rule))),
  ]);
  return { firing, names: (all ?? []).map(({ metric, labels }) => metric.alertname ?? labels).sort() };
}

function hasLabels({ labels }: AlertObjective, { metric }: Sample): boolean {
  return Object.entries(labels).every(([name, value]) => metric[name] === value);
}

/** Writes what changes from one answer to the next. */
class AlertLog {
  readonly #alerts: readonly AlertObjective[];
  readonly #history: HistoryWriter;
  readonly #written: string[] = [];
  #names = '';
  #read: Micros | undefined;
  #isReadable: boolean | undefined;

  constructor(alerts: readonly AlertObjective[], history: HistoryWriter) {
    this.#alerts = alerts;
    this.#history = history;
  }

  unreadable(detail: string): void {
    const from = this.#read ?? 0;
    if (this.#isReadable !== false) this.#history.append({ type: 'alert-telemetry', readable: false, from, detail });
    this.#isReadable = false;
  }

  /** The run is over: what is not answered by now will not be. */
  end(): void {
    const silent = this.#history.now() - (this.#read ?? 0);
    if (silent > UNHEARD) this.unreadable(`no answer in the last ${Math.round(silent / 1e6)} s`);
  }

  read(asked: Micros, { firing, names }: Round): void {
    if (this.#isReadable !== true) {
      this.#history.append({ type: 'alert-telemetry', readable: true, detail: `${names.length} alerts fire` });
    }
    this.#isReadable = true;
    const from = this.#read ?? 0;
    for (const [index, alert] of this.#alerts.entries()) {
      const all = firing[index] ?? [];
      const own = all.filter((one) => hasLabels(alert, one));
      const labels = own.map((one) => one.labels);
      const strange = all.filter((one) => !own.includes(one)).map((one) => one.labels);
      const text = JSON.stringify([labels.length > 0, strange]);
      if (this.#written[index] === text) continue;
      this.#written[index] = text;
      this.#history.append({
        type: 'alert',
        index,
        rule: alert.rule,
        from,
        firing: labels.length > 0,
        labels,
        strange,
      });
    }
    if (names.join('\n') !== this.#names) this.#history.append({ type: 'alerts-firing', from, names });
    this.#names = names.join('\n');
    this.#read = asked;
  }
}
