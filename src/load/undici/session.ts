import { performance } from 'node:perf_hooks';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { rulesOf, shortestGood } from '../../model/good.ts';
import type { HeaderChange, LoadSummary, Stall } from '../../model/ports.ts';
import { ratesOf } from '../../model/rates.ts';
import type { TransportError } from '../../model/record.ts';
import { emptyRecord } from '../../model/record-codec.ts';
import type { GoodRequest } from '../../model/scenario.ts';
import type { Path } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';
import { compileChain } from '../chain.ts';
import { ChainTable } from '../chain-table.ts';
import { hrtimeMicros } from '../clock.ts';
import type { Wrong } from '../content.ts';
import { Health } from '../health.ts';
import { type RecordFile, RecordWriter } from '../record-writer.ts';
import { BEAT_MS, StallMeter } from '../stalls.ts';
import { standingOf } from '../standing.ts';
import { TextTable } from '../text-table.ts';
import { RollingView } from '../view.ts';
import { Deadlines } from './deadlines.ts';
import { classify, localShortage, wordsOf } from './errors.ts';
import type { Flight, FlightLog } from './flight.ts';
import { Lane } from './lane.ts';
import type { LoadView, WorkerInput } from './messages.ts';
import { type Due, type Dues, scheduleOf } from './schedule.ts';

/** Between readiness and the first due time, so that the first requests are not late. */
const LEAD: Micros = 20_000;
/** Records are handed to the disk, and progress to the main thread, this often. */
const PULSE_MS = 250;
/** Pulses over which the busy share of the thread is measured. */
const BUSY_PULSES = 20;
/** So many connections fewer than this machine has files or ports for: they are for the requests to the clusters, above all the undo's. */
const SPARED = 32;

/** Whom a session tells. */
type SessionEvents = {
  readonly pulse: (view: LoadView) => void;
  /** The thread stood still. */
  readonly stall: (stall: Stall) => void;
};

/** The load of one run inside the worker: sends what is due, times out, writes every request down. */
export class Session implements FlightLog {
  readonly #input: WorkerInput;
  readonly #zero: Micros;
  readonly #lanes: readonly Lane[];
  /** What is good on each path. */
  readonly #goods: readonly GoodRequest[];
  readonly #chains: ChainTable;
  readonly #texts = new TextTable((index, text) => this.#writer.text(index, text));
  readonly #writer: RecordWriter;
  readonly #view: RollingView;
  readonly #health: Health;
  readonly #schedule: Dues;
  readonly #deadlines = new Deadlines();
  readonly #record = emptyRecord();
  readonly #pulse: NodeJS.Timeout;
  readonly #stalls: StallMeter;
  readonly #watch: NodeJS.Timeout;
  readonly #tell: SessionEvents;
  #wake: NodeJS.Timeout | undefined;
  #pulses = 0;
  #utilization = performance.eventLoopUtilization();
  #sending = true;
  #drained: (() => void) | undefined;
  /** Requests that may be on their way at once, of all paths, since this machine ran short. */
  #most = Number.POSITIVE_INFINITY;

  /** Starts sending. Throws FaultlineError when the load cannot be sent as the scenario words it. */
  constructor(input: WorkerInput, file: RecordFile, tell: SessionEvents) {
    const { load, paths } = input;
    if (paths.length === 0) throw new FaultlineError('LOAD', 'There is no path to send requests on.');
    const ids = paths.map((path) => path.id);
    this.#input = input;
    this.#zero = Math.floor(input.zero);
    this.#tell = tell;
    this.#chains = new ChainTable(compileChain(load.chain), (index, chain) => this.#writer.chain(index, chain));
    const rules = rulesOf(load);
    this.#goods = paths.map(({ name }) => rules.of(name).good);
    this.#lanes = paths.map((path) => new Lane(path, load, input.options, this));
    this.#writer = new RecordWriter(file, { engine: 'undici', paths: ids, hidden: load.hidden });
    this.#view = new RollingView(ids, (index) => this.#chains.at(index));
    this.#health = new Health(paths.length, shortestGood(load));
    this.#schedule = scheduleOf(
      this.#now() + LEAD,
      paths.map(({ name }) => ratesOf(load)(name)),
    );
    this.#pulse = setInterval(() => this.#beat(), PULSE_MS);
    this.#stalls = new StallMeter(shortestGood(load), this.#now());
    this.#watch = setInterval(() => this.#look(), BEAT_MS);
    this.#arm();
  }

  /** Sends nothing new, waits for what is on its way, closes the file. Rejects with FaultlineError LOAD when records are missing. */
  async stop(): Promise<LoadSummary> {
    this.#catchUp();
    this.#sending = false;
    this.#arm();
    if (this.#deadlines.next !== Number.POSITIVE_INFINITY) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    clearInterval(this.#pulse);
    clearInterval(this.#watch);
    this.#look();
    clearTimeout(this.#wake);
    await Promise.all(this.#lanes.map((lane) => lane.destroy()));
    await this.#writer.close();
    return this.#summary();
  }

  /** Sends other values of headers from now on, and hides them. */
  change({ headers, hidden }: HeaderChange): void {
    this.#writer.hide(hidden);
    for (const { path, name, value } of headers) {
      for (const [index, lane] of this.#lanes.entries()) {
        if (this.#input.paths[index]?.name === path) lane.change(name, value);
      }
    }
  }

  /** Where things stand. */
  view(): LoadView {
    const { failure } = this.#writer;
    const view = { paths: this.#view.snapshot(this.#now()), degraded: this.#health.degraded(this.#writer) };
    return failure === undefined ? view : { ...view, unwritten: messageOf(failure) };
  }

  response(flight: Flight, text: string, truncated: boolean, wrong: Wrong | undefined): void {
    const words = wrong === undefined ? -1 : this.#texts.told(wrong);
    this.#settle(flight, undefined, this.#chains.index(text, truncated), words);
  }

  error(flight: Flight, error: unknown): void {
    const shortage = localShortage(error);
    if (shortage === undefined) {
      const words = wordsOf(error, this.#input.paths[flight.due.path] as Path);
      this.#settle(flight, classify(error), -1, this.#texts.index(words));
    } else {
      this.#landed(flight);
      this.#most = Math.min(this.#most, Math.max(1, this.#flying() - SPARED));
      this.#drop(flight.due, `this machine ran short of resources (${shortage})`);
    }
  }

  #now(): Micros {
    return hrtimeMicros() - this.#zero;
  }

  #laneOf(due: Due): Lane {
    return this.#lanes[due.path] as Lane;
  }

  /** One timer serves due times and deadlines, whichever comes first. */
  #arm(): void {
    clearTimeout(this.#wake);
    const next = Math.min(this.#sending ? this.#schedule.next : Number.POSITIVE_INFINITY, this.#deadlines.next);
    if (next === Number.POSITIVE_INFINITY) this.#drained?.();
    else this.#wake = setTimeout(() => this.#tick(), Math.ceil(Math.max(0, next - this.#now()) / 1000));
  }

  #tick(): void {
    this.#catchUp();
    this.#arm();
  }

  /** Expires first, so that what is due finds the slots of what has expired. */
  #catchUp(): void {
    const now = this.#now();
    this.#deadlines.expire(now);
    if (!this.#sending) return;
    this.#health.woke(now - this.#schedule.next);
    while (this.#schedule.next <= now) this.#fire(this.#schedule.take());
  }

  #fire(due: Due): void {
    const lane = this.#laneOf(due);
    const now = this.#now();
    this.#view.due(due.path);
    if (now - due.due >= this.#input.load.timeoutMs * 1000) this.#drop(due, 'overdue by more than the timeout');
    else if (lane.inFlight >= lane.capacity) this.#drop(due, `all ${lane.capacity} places of the path were taken`);
    else if (this.#most !== Number.POSITIVE_INFINITY && this.#flying() >= this.#most)
      this.#drop(due, 'this machine had run short of resources, and some are left to the undo');
    else {
      this.#health.sent(due.path, now - due.due);
      this.#deadlines.add(lane.send(due, now));
    }
  }

  /** How many requests are on their way. */
  #flying(): number {
    return this.#lanes.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  #landed(flight: Flight): void {
    this.#laneOf(flight.due).inFlight -= 1;
    if (!this.#sending) this.#arm();
  }

  #settle(flight: Flight, error: TransportError | undefined, chain: number, text: number): void {
    this.#landed(flight);
    const record = this.#record;
    record.path = flight.due.path;
    record.seq = flight.due.seq;
    record.due = flight.due.due;
    record.start = flight.start;
    record.end = this.#now();
    record.ended = error === undefined ? 'response' : 'error';
    record.status = error === undefined ? flight.status : 0;
    record.error = error;
    record.chain = chain;
    record.text = text;
    record.fresh = flight.fresh;
    this.#writer.request(record);
    const standing = standingOf(record, this.#chains.at(chain), this.#goods[record.path] as GoodRequest);
    this.#view.settled(record.path, standing, chain, record.end);
  }

  #drop(due: Due, why: string): void {
    this.#writer.request({ ...emptyRecord(), ...due, start: due.due, end: due.due });
    this.#health.dropped(why);
    this.#view.dropped(due.path);
  }

  #look(): void {
    const stall = this.#stalls.beat(this.#now());
    if (stall !== undefined) this.#tell.stall(stall);
  }

  #beat(): void {
    this.#pulses += 1;
    if (this.#pulses % BUSY_PULSES === 0) {
      const before = this.#utilization;
      this.#utilization = performance.eventLoopUtilization();
      this.#health.busy(performance.eventLoopUtilization(this.#utilization, before).utilization);
    }
    this.#writer.flush();
    this.#tell.pulse(this.view());
  }

  #summary(): LoadSummary {
    const counts = this.view().paths.map(({ path, sent, dropped }, index) => ({
      path,
      due: sent + dropped,
      sent,
      dropped,
      late: this.#health.late(index),
    }));
    return { counts, lateP99: this.#health.lateP99, degraded: this.#health.degraded(this.#writer) };
  }
}
