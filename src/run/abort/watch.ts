import { type AbortCondition, type AbortFinding, abortReason, abortText } from '../../model/abort.ts';
import { abortConditions } from '../../model/abort-defaults.ts';
import type { LoadHandle, Stall } from '../../model/ports.ts';
import type { Load } from '../../model/scenario.ts';
import type { Micros, Millis } from '../../model/units.ts';
import type { Leases } from '../leases.ts';
import type { PlannedRun } from '../planned-run.ts';
import type { StopReason } from '../stop.ts';
import type { RunPorts } from '../wiring.ts';
import { blindGroups, blindWatcher } from './blind.ts';
import { errorShareWatcher } from './error-share.ts';
import { noContactWatcher } from './no-contact.ts';
import { type PrometheusCondition, pollQuery, QueryWatch } from './prometheus.ts';
import { QueryRecord } from './query-record.ts';
import type { QueryWord } from './query-value.ts';
import type { Watcher } from './watcher.ts';

/** How often the conditions are looked at. */
const LOOK_MS: Millis = 500;
/** What lay there while somebody stood still is read, and told of, until so long after that was heard of. */
const READING: Micros = 1_000_000;
/** Nobody asks for a longer window. */
const LONGEST_WINDOW: Micros = 600_000_000;

type Watched = { readonly watcher: Watcher; isMet: boolean };

/**
 * Watches the abort conditions of a run while its load goes on. The first one that is met before the undo ends the run, as a
 * lost lease does; what is met later is written down, and neither the undo nor the way home ends by it.
 */
export class AbortWatch {
  readonly #run: PlannedRun;
  readonly #ports: Pick<RunPorts, 'clock' | 'history'>;
  readonly #leases: Leases;
  readonly #met = new AbortController();
  readonly #over = new AbortController();
  readonly #values: QueryRecord;
  #doubts: readonly Stall[] = [];
  #isArmed = true;

  constructor(run: PlannedRun, leases: Leases, ports: Pick<RunPorts, 'clock' | 'history'>) {
    this.#run = run;
    this.#leases = leases;
    this.#ports = ports;
    this.#values = new QueryRecord(ports.history);
  }

  /** Aborted, with a StopReason, when a condition is met while faults may be injected or held. */
  get met(): AbortSignal {
    return this.#met.signal;
  }

  /** The load has begun, and the conditions are watched until `end`. */
  begin(load: LoadHandle): void {
    const begin = this.#ports.history.now();
    const conditions = abortConditions(this.#run.scenario);
    const watched = conditions.flatMap((one, index) => {
      const watcher =
        one.kind === 'prometheus'
          ? this.#query(one, index, begin)
          : watcherOf(one, conditions, begin, this.#run.scenario.load, load.lagMs);
      return watcher === undefined ? [] : [{ watcher, isMet: false }];
    });
    void this.#watch(load, watched);
  }

  /** Somebody stood still: the generator, or a target that is a process of faultline's own. */
  doubt({ from }: Stall): void {
    const now = this.#ports.history.now();
    const recent = this.#doubts.filter(({ to }) => to > now - LONGEST_WINDOW);
    this.#doubts = [...recent, { from, to: now + READING }];
  }

  /** The undo begins: from now on nothing is ended by a condition. */
  disarm(): void {
    this.#isArmed = false;
  }

  /** The load ends: from now on nothing more is told. */
  end(): void {
    this.#over.abort();
  }

  /** Undefined on a target for practice that has no Prometheus, where the guard of the abort conditions has let it pass. */
  #query(condition: PrometheusCondition, index: number, begin: Micros): Watcher | undefined {
    const { prometheus } = this.#run;
    if (prometheus === undefined) {
      const text = `not watched, as the target names no Prometheus: the abort condition ${abortText(condition)}`;
      this.#ports.history.append({ type: 'notice', level: 'warning', text });
      return undefined;
    }
    const watch = new QueryWatch(condition, begin);
    const note = (asked: Micros, word: QueryWord) =>
      this.#values.note({ of: 'abort', index }, condition.limit, asked, word);
    void pollQuery(watch, condition, prometheus, { ...this.#ports, note }, this.#over.signal);
    return watch;
  }

  async #watch(load: LoadHandle, watched: readonly Watched[]): Promise<void> {
    const { clock, history } = this.#ports;
    for (;;) {
      await clock.sleep(LOOK_MS, this.#over.signal);
      if (this.#over.signal.aborted) return;
      const [now, contacts, doubts] = [history.now(), this.#leases.contacts(), this.#doubts];
      const seen = { now, load: load.progress(), contacts, doubts };
      for (const one of watched) {
        const found = one.isMet ? undefined : one.watcher.look(seen);
        if (found === undefined) continue;
        one.isMet = true;
        this.#tell(found);
      }
    }
  }

  #tell(found: AbortFinding): void {
    const ends = this.#isArmed && !this.met.aborted;
    this.#ports.history.append({ type: 'abort-condition', ...found, ends });
    const reason: StopReason = { kind: 'abort', message: abortReason(found) };
    if (ends) this.#met.abort(reason);
  }
}

function watcherOf(
  condition: Exclude<AbortCondition, PrometheusCondition>,
  all: readonly AbortCondition[],
  begin: Micros,
  load: Load,
  lagMs: Millis = 0,
): Watcher {
  switch (condition.kind) {
    case 'errorShare':
      return errorShareWatcher(condition, begin);
    case 'noContact':
      return noContactWatcher(condition, begin);
    case 'blind':
      return blindWatcher(blindGroups(condition, all, load, lagMs), begin);
  }
}
