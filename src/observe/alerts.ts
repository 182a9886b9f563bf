import { ALL_FIRING, type AlertObjective, firingQuery } from '../model/alert.ts';
import { messageOf } from '../model/errors.ts';
import type { Clock, HistoryWriter, Prometheus, Sample } from '../model/ports.ts';
import type { Micros, Millis } from '../model/units.ts';

/** How often Prometheus is asked; it evaluates its rules every 15 s or so. */
const POLL_MS: Millis = 1_000;

/** What one round of questions found out. */
type Round = {
  /** For each alert that is asked for, what fires with its labels, and with others. */
  readonly firing: readonly { readonly own: readonly Sample[]; readonly others: readonly Sample[] }[];
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
  while (!signal.aborted) {
    const asked = history.now();
    const round = await ask(alerts, prometheus).catch((error: unknown) => messageOf(error));
    if (signal.aborted) return;
    if (typeof round === 'string') log.unreadable(round);
    else log.read(asked, round);
    await clock.sleep(Math.max(0, POLL_MS - (history.now() - asked) / 1000), signal);
  }
}

async function ask(alerts: readonly AlertObjective[], prometheus: Prometheus): Promise<Round> {
  const samples = async (query: string): Promise<readonly Sample[]> => {
    const { samples: found, warnings } = await prometheus.ask(query);
    if (warnings[0] !== undefined) throw new Error(`the answer has a warning: ${warnings[0]}`);
    return found;
  };
  const [all, ...firing] = await Promise.all([
    samples(ALL_FIRING),
    ...alerts.flatMap(({ rule, labels }) => [samples(firingQuery(rule, labels)), samples(firingQuery(rule))]),
  ]);
  return {
    firing: alerts.map((_, index) => ({ own: firing[2 * index] ?? [], others: firing[2 * index + 1] ?? [] })),
    names: (all ?? []).map(({ labels }) => nameOf(labels)).sort(),
  };
}

/** `{alertname="X"}` */
function nameOf(labels: string): string {
  return /^\{alertname="(.*)"\}$/s.exec(labels)?.[1] ?? labels;
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
    if (this.#isReadable !== false) this.#history.append({ type: 'alert-telemetry', readable: false, detail });
    this.#isReadable = false;
  }

  read(asked: Micros, { firing, names }: Round): void {
    if (this.#isReadable !== true) {
      this.#history.append({ type: 'alert-telemetry', readable: true, detail: `${names.length} alerts fire` });
    }
    this.#isReadable = true;
    const from = this.#read ?? asked;
    for (const [index, { own, others }] of firing.entries()) {
      const labels = own.map((one) => one.labels);
      const strange = others.map((one) => one.labels).filter((one) => !labels.includes(one));
      const text = JSON.stringify([labels.length > 0, strange]);
      if (this.#written[index] === text) continue;
      this.#written[index] = text;
      const rule = this.#alerts[index]?.rule ?? '';
      this.#history.append({ type: 'alert', index, rule, from, firing: labels.length > 0, labels, strange });
    }
    if (names.join('\n') !== this.#names) this.#history.append({ type: 'alerts-firing', from, names });
    this.#names = names.join('\n');
    this.#read = asked;
  }
}
