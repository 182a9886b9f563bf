import { setTimeout as sleep } from 'node:timers/promises';
import { FaultlineError, messageOf } from '../../../model/errors.ts';
import type { LoadSummary, PodCluster } from '../../../model/ports.ts';
import type { Millis } from '../../../model/units.ts';
import { lookUntil } from '../../look-until.ts';
import type { K6View } from '../handle.ts';
import { drain } from '../records/drain.ts';
import { readLogLine } from '../records/log-line.ts';
import { STATUS, statusChange, takeReading } from '../records/rest.ts';
import type { ScriptLog } from '../records/script-log.ts';
import type { Session } from '../records/session.ts';
import type { Source } from '../records/source.ts';
import { CONTAINER } from './runner-pods.ts';

/** Of a runner (k6-operator v1.5, pkg/resources/jobs/runner.go). */
const REST_PORT = 6565;

const PULSE_MS: Millis = 100;
const READING_MS: Millis = 1_000;
/** From running pods to requests: the operator's starter has to run, and each pod to answer. */
const BEGINNING: { readonly patienceMs: Millis; readonly sayEveryMs: Millis } = {
  patienceMs: 120_000,
  sayEveryMs: 15_000,
};
/** For the log of a pod to end after its k6 was told to stop. */
const ENDING_MS: Millis = 15_000;
/** A line can be on its way from a node this long. */
const LOG_DELAY_MS: Millis = 5_000;

/** One pod that sends. */
type Runner = {
  readonly name: string;
  readonly source: Source;
  /** Resolves when its log has ended, however that came. */
  readonly log: Promise<void>;
  lost: boolean;
};

/** The pods of a running TestRun: their logs and readings go into the session. */
export class Runners {
  readonly #cluster: PodCluster;
  readonly #namespace: string;
  readonly #session: Session;
  readonly #scenarios: readonly string[];
  readonly #log: ScriptLog;
  readonly #over = new AbortController();
  readonly #runners: readonly Runner[];
  readonly #pulse: NodeJS.Timeout;
  #ending = false;

  constructor(input: {
    cluster: PodCluster;
    namespace: string;
    names: readonly string[];
    session: Session;
    scenarios: readonly string[];
    log: ScriptLog;
  }) {
    this.#cluster = input.cluster;
    this.#namespace = input.namespace;
    this.#session = input.session;
    this.#scenarios = input.scenarios;
    this.#log = input.log;
    this.#runners = input.names.map((name, index) => this.#follow(name, input.session.sources[index] as Source));
    this.#pulse = setInterval(() => this.#session.pulse(), PULSE_MS);
    this.#pulse.unref();
  }

  /** Resolves when every pod sends on every path. Rejects with FaultlineError LOAD when one does not. */
  async begin(
    say: (text: string) => void,
    signal: AbortSignal | undefined,
    { patienceMs, sayEveryMs } = BEGINNING,
  ): Promise<void> {
    const silent = () => this.#runners.filter(({ source }) => !source.running).map(({ name }) => name);
    const look = (): true | undefined => {
      if (silent().length === 0) return true;
      const lost = this.#runners.find((runner) => runner.lost);
      if (lost !== undefined) throw new FaultlineError('LOAD', `Pod ${lost.name} of the load ended before it sent.`);
      if (signal?.aborted) throw new FaultlineError('LOAD', 'The start of the load was interrupted.');
      return undefined;
    };
    const call = () => say(`waiting for ${silent().length} pods to send their first requests`);
    const remind = { everyMs: sayEveryMs, call };
    if (await lookUntil(look, { everyMs: PULSE_MS, patienceMs, signal, remind })) return this.#session.begin();
    const message = `Pods of the load that have sent nothing, or cannot be asked on port ${REST_PORT}: ${silent().join(', ')}`;
    throw new FaultlineError('LOAD', message, {
      hint: `Look at their logs; the API server must reach port ${REST_PORT} of the pods (pods/proxy).`,
    });
  }

  progress(): K6View {
    const degraded = this.#session.degraded();
    const alive = this.#runners.some((runner) => !runner.lost);
    const paths = this.#session.paths();
    const { unwritten } = this.#session;
    const view = { paths, degraded, ...(unwritten !== undefined && { unwritten }) };
    return alive ? view : { ...view, failure: 'every pod of the load is gone' };
  }

  /** Sends nothing new, takes what is still told, closes the record file. */
  async stop(timeoutMs: Millis): Promise<LoadSummary> {
    await drain(this.#session, timeoutMs + LOG_DELAY_MS);
    await this.#stopPods();
    await this.#release();
    await this.#session.close();
    return this.#session.summary();
  }

  /** Listens no more; nothing of what was told counts. */
  async abandon(): Promise<void> {
    await this.#stopPods();
    await this.#release();
  }

  async #stopPods(): Promise<void> {
    this.#ending = true;
    const body = statusChange({ stopped: true });
    await Promise.all(
      this.#runners.map(({ name }) =>
        // A pod that cannot be told ends with its TestRun, which is deleted next.
        this.#cluster.podPatch(this.#namespace, name, REST_PORT, STATUS, body).catch(() => undefined),
      ),
    );
    const patience = new AbortController();
    const ended = Promise.all(this.#runners.map(({ log }) => log));
    await Promise.race([ended, sleep(ENDING_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
  }

  async #release(): Promise<void> {
    clearInterval(this.#pulse);
    this.#over.abort();
    await Promise.all(this.#runners.map(({ log }) => log));
    await this.#log.save();
  }

  #follow(name: string, source: Source): Runner {
    const where = { namespace: this.#namespace, pod: name, container: CONTAINER };
    const follow = this.#cluster.podLog(where, (line) => this.#line(source, line), this.#over.signal);
    const log = follow.then(
      () => 'its log has ended',
      (error: unknown) => messageOf(error),
    );
    const runner: Runner = { name, source, log: log.then(() => undefined), lost: false };
    void log.then((why) => this.#lost(runner, why));
    void this.#read(runner);
    return runner;
  }

  #lost(runner: Runner, why: string): void {
    runner.lost = true;
    if (!this.#ending) this.#session.complain(`pod ${runner.name} of the load was lost: ${why}`);
  }

  #line(source: Source, text: string): void {
    const { level, message, source: from } = readLogLine(text);
    if (this.#session.line(source, message) || this.#ending) return;
    this.#log.add(`${source.name}: ${message}`);
    if (level === 'error' && from !== 'console') this.#session.complain(`${source.name} reported an error: ${message}`);
  }

  async #read({ name, source }: Runner): Promise<void> {
    while (!this.#over.signal.aborted) {
      const ask = (path: string) => this.#cluster.podProxy(this.#namespace, name, REST_PORT, path);
      this.#session.reading(source, await takeReading(ask, this.#scenarios));
      await sleep(READING_MS, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
  }
}
