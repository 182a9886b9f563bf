import type { HistoryWriter } from '../model/ports.ts';

/** What one look found: how many calling proxies there are, were asked, and have answered with what is wanted. */
export type Coverage = {
  readonly known: number;
  readonly asked: number;
  readonly answered: number;
  /** Asked proxies that answer, without any outlier series. */
  readonly silent: number;
  /** Those that have answered by workload alone, and why. */
  readonly byWorkload?: { readonly count: number; readonly why: string };
  /** Why one of the others could not be read. */
  readonly problem: string | undefined;
  /** In words, where callers may be that nobody knows. */
  readonly unknown: readonly string[];
};

/** A change is written when two looks in a row agree, */
const STABLE_LOOKS = 2;
/** or after so many looks in which it went on changing, as in a rollout. */
const LONGEST_LOOKS = 10;

/** What is heard from the callers, and what a look says of it. */
type Telemetry = {
  readonly type: 'mesh-telemetry' | 'calls-telemetry';
  /** `show outlier statistics` */
  readonly show: string;
};

export const OUTLIERS: Telemetry = { type: 'mesh-telemetry', show: 'show outlier statistics' };
export const CALLS: Telemetry = { type: 'calls-telemetry', show: 'tell whom they call' };

/** Writes how many of a cluster's callers can be heard, whenever that changes and stays so. */
export class CoverageLog {
  readonly #cluster: string;
  readonly #history: HistoryWriter;
  readonly #what: Telemetry;
  #written: string | undefined;
  #last: Coverage | undefined;
  #stable = 0;
  #open = 0;

  constructor(cluster: string, history: HistoryWriter, what: Telemetry) {
    this.#cluster = cluster;
    this.#history = history;
    this.#what = what;
  }

  /** Called once for every look. */
  look(now: Coverage): void {
    this.#stable = this.#last !== undefined && keyOf(this.#last) === keyOf(now) ? this.#stable + 1 : 1;
    this.#last = now;
    if (keyOf(now) === this.#written) {
      this.#open = 0;
      return;
    }
    this.#open += 1;
    if (this.#stable >= STABLE_LOOKS || this.#open >= LONGEST_LOOKS) this.#write(now);
  }

  /** The end: what has not been written yet is better told late than never. */
  close(): void {
    if (this.#last !== undefined && keyOf(this.#last) !== this.#written) this.#write(this.#last);
  }

  #write(now: Coverage): void {
    this.#written = keyOf(now);
    this.#open = 0;
    const { known, asked, answered } = counted(now);
    this.#history.append({
      type: this.#what.type,
      cluster: this.#cluster,
      readable: answered > 0,
      detail: detailOf(now, this.#what),
      callers: { known, asked, answered, ...(now.byWorkload && { byWorkload: now.byWorkload.count }) },
    });
  }
}

/** A place where nobody knows who calls is at least one caller that was not asked. */
function counted({ known, asked, answered, unknown }: Coverage): { known: number; asked: number; answered: number } {
  return { known: known + unknown.length, asked, answered };
}

function keyOf(coverage: Coverage): string {
  return JSON.stringify([counted(coverage), coverage.silent, coverage.byWorkload?.count, coverage.unknown]);
}

function detailOf(coverage: Coverage, { show }: Telemetry): string {
  const { known, asked, answered, silent, byWorkload, problem, unknown } = coverage;
  const left = asked - answered - silent;
  const proxies = (count: number) => `${count} calling ${count === 1 ? 'proxy' : 'proxies'}`;
  return [
    known === 0 ? 'no calling proxy was found: no ready pod has a sidecar' : `${answered} of ${proxies(known)} ${show}`,
    byWorkload === undefined
      ? ''
      : `${byWorkload.count} of them by workload and not by host, from Istio's metrics, since their admin ports are closed (${byWorkload.why})`,
    asked < known ? `only ${asked} of ${known} are read` : '',
    silent > 0
      ? `${silent} ${silent === 1 ? 'leaves' : 'leave'} them out: set proxyStatsMatcher inclusionRegexps to .*outlier_detection.*`
      : '',
    left > 0 ? `${left} could not be read${problem === undefined ? '' : ` (${problem})`}` : '',
    ...unknown,
  ]
    .filter((part) => part !== '')
    .join('; ');
}
