import type { LoadProgress, LoadSummary, SentLoad } from '../../../model/ports.ts';
import { formatDuration, type Micros } from '../../../model/units.ts';
import { compileChain } from '../../chain.ts';
import { ChainBook } from '../../chain-book.ts';
import { LATE_P99_LIMIT } from '../../health.ts';
import type { RecordFile } from '../../record-writer.ts';
import { type ConsoleLine, readConsoleLine } from './console-wire.ts';
import { Recorder } from './recorder.ts';
import { type Lane, type Reading, Source } from './source.ts';
import { Window } from './window.ts';

/** A clock that is not known better than this blurs what is measured in tenths of seconds. */
export const CLOCK_DOUBT_LIMIT: Micros = 50_000;

const NO_USER = 'no virtual user of the path was free';

const SLOW_SCRIPT =
  'the script takes its time before its requests, which counts as their latency: let it send first and wait afterwards';

type Waiting = { readonly source: Source; readonly line: ConsoleLine };

/** What one or more k6 processes tell over their consoles, turned into the run's records. */
export class ConsoleSession {
  readonly #zero: Micros;
  readonly #now: () => Micros;
  readonly #settling: Micros;
  readonly #scripted: boolean;
  readonly #recorder: Recorder;
  readonly #chains: ChainBook;
  readonly #laneOf: readonly number[];
  readonly sources: readonly Source[];
  #waiting: Waiting[] = [];
  readonly #window: Window;

  /**
   * `now` reads the process.hrtime scale, on which `zero` lies. `settling` is how long after its start a request gets its
   * place, more than the margin at the end: word of a drop must have come by then. `laneOf` names the k6 scenario of each
   * path.
   */
  constructor(
    input: {
      load: SentLoad;
      ids: readonly string[];
      laneOf: readonly number[];
      /** A script sends the requests. */
      scripted: boolean;
      sources: readonly string[];
      intervalNs: number;
      settling: Micros;
      zero: Micros;
      now: () => Micros;
    },
    file: RecordFile,
  ) {
    const { load, ids, sources } = input;
    this.#zero = Math.floor(input.zero);
    this.#now = input.now;
    this.#settling = input.settling;
    this.#scripted = input.scripted;
    this.#laneOf = input.laneOf;
    this.#recorder = new Recorder(load, ids, file);
    this.#chains = new ChainBook(compileChain(load.chain.hop), (index, chain) => this.#recorder.chain(index, chain));
    const interval = (input.intervalNs / 1000) * sources.length;
    this.sources = sources.map((name) => new Source(name, ids.length, interval));
    this.#window = new Window(this.sources);
  }

  /** One line of a k6's console; false when it is none of a request. */
  line(source: Source, text: string): boolean {
    const line = readConsoleLine(text);
    const lane = line === undefined ? undefined : source.lanes[line.path];
    if (line === undefined || lane === undefined) return false;
    if (!lane.slots.possible(line.iteration, line.began)) return false;
    // The paths of one k6 scenario share its iterations, also one that a script has not sent on yet.
    source.lanes.forEach(({ slots }, path) => {
      if (this.#laneOf[path] === this.#laneOf[line.path]) slots.learn(line.iteration, line.began);
    });
    this.#waiting.push({ source, line });
    return true;
  }

  /** What a k6 said of itself. */
  reading(source: Source, { asked, answered, elapsed, drops }: Reading): void {
    if (elapsed !== undefined) source.clock.learn(elapsed, asked - this.#zero, answered - this.#zero);
    const counts = this.#window.isOpen && !this.#window.isEnded;
    source.lanes.forEach((lane, path) => {
      const known = drops[this.#laneOf[path] ?? path] ?? 0;
      for (; lane.slots.drops < known; lane.slots.drops += 1) {
        if (!counts) continue;
        lane.toldDrops += 1;
        this.#recorder.dropped(path, NO_USER);
      }
    });
  }

  /** Everything is sending: with several sources, what comes from now on counts, and before it nothing. */
  begin(): void {
    this.#window.open(this.#runTime());
  }

  /** Nothing that is due from about now on counts; to be called while k6 goes on. */
  end(): void {
    this.#window.end(this.#runTime());
  }

  /** Whether everything that counts has been told of, after the end. */
  get complete(): boolean {
    const now = this.#runTime();
    const told = (source: Source) =>
      source.lanes.every((lane, path) => this.#window.untold(source, path, now).length <= dropsOf(lane));
    return this.sources.every((source) => source.running && told(source));
  }

  complain(what: string): void {
    this.#recorder.complain(what);
  }

  /** Share of the machine that k6 uses, 0 to 1. */
  busy(share: number): void {
    this.#recorder.health.busy(share);
  }

  /** Writes what has settled; `all` does not wait any longer. */
  pulse(all = false): void {
    const limit = this.#runTime() + (all ? CLOCK_DOUBT_LIMIT : -this.#settling);
    const later: Waiting[] = [];
    for (const one of this.#waiting) {
      const settled = this.#window.isOpen && one.source.clock.zero + one.line.start <= limit;
      if (settled) this.#settle(one);
      else later.push(one);
    }
    this.#waiting = later;
    this.#recorder.flush();
  }

  /** Writes a record for every request that was due and never told of, and closes the file. */
  async close(): Promise<void> {
    if (!this.#window.isEnded) this.end();
    this.pulse(true);
    for (const source of this.sources) {
      if (!source.running) this.complain(`${source.name} has not told of a request on every path`);
      for (const path of source.lanes.keys()) this.#fillHoles(source, path);
    }
    await this.#recorder.close();
  }

  paths(): LoadProgress['paths'] {
    return this.#recorder.paths(this.#runTime());
  }

  degraded(): string[] {
    const clocks = this.sources.flatMap(({ name, clock }) => clockProblems(name, clock));
    const late = this.#scripted && this.#recorder.health.lateP99 > LATE_P99_LIMIT ? [SLOW_SCRIPT] : [];
    return [...this.#recorder.degraded(), ...late, ...clocks];
  }

  summary(): LoadSummary {
    return { ...this.#recorder.summary(this.#runTime()), degraded: this.degraded() };
  }

  #runTime(): Micros {
    return this.#now() - this.#zero;
  }

  #settle({ source, line }: Waiting): void {
    const { path } = line;
    const lane = source.lanes[path] as Lane;
    const place = lane.slots.take(line.iteration, line.began);
    if (place === undefined) {
      this.complain(`${source.name} told of an iteration twice`);
      return;
    }
    const zero = source.clock.zero;
    const seq = this.#window.number(path, lane, place);
    if (seq === undefined) return;
    // What a script does between its judged requests is what its users wait for, and counts.
    const due = zero + lane.slots.due(place) + line.judged;
    if (line.shortage !== undefined) {
      this.#recorder.hole(path, seq, due);
      this.#recorder.dropped(path, `the machine of ${source.name} ran short of resources (${line.shortage})`);
      return;
    }
    const { status, error, words } = line;
    const chain = error === undefined ? this.#chains.index(line.text, line.truncated) : -1;
    const start = zero + line.start;
    this.#recorder.sent({ path, seq, due, start, end: zero + line.end, status, error, words, chain, fresh: true });
  }

  #fillHoles(source: Source, path: number): void {
    const lane = source.lanes[path] as Lane;
    const untold = this.#window.untold(source, path, this.#runTime());
    for (const { place, number } of untold) {
      this.#recorder.hole(path, number, source.clock.zero + lane.slots.due(place));
    }
    for (let i = lane.toldDrops; i < untold.length; i += 1) {
      const why = `no word of them came from ${source.name}`;
      const unknown = this.#scripted ? `${why}, or the script did not send them` : why;
      this.#recorder.dropped(path, i < dropsOf(lane) ? NO_USER : unknown);
    }
  }
}

/** Drops since the window opened, as far as is known. */
function dropsOf({ slots, earlierDrops }: Lane): number {
  return slots.drops - earlierDrops;
}

function clockProblems(name: string, { stepped, known, doubt }: Source['clock']): string[] {
  const problems: string[] = [];
  if (stepped > 0) problems.push(`the clock of ${name} jumped by ${millis(stepped)}`);
  if (known && doubt > CLOCK_DOUBT_LIMIT) problems.push(`the clock of ${name} is only known to ±${millis(doubt)}`);
  return problems;
}

function millis(time: Micros): string {
  return formatDuration(Math.round(time / 1000));
}
