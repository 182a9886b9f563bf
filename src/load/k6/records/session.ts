import { cutTo } from '../../../model/cut.ts';
import { requestOf, rulesOf } from '../../../model/good.ts';
import type { LoadProgress, LoadSummary, SentLoad } from '../../../model/ports.ts';
import type { Micros } from '../../../model/units.ts';
import { compileChain } from '../../chain.ts';
import { ChainTable } from '../../chain-table.ts';
import { type ContentJudge, contentJudge, type Wrong } from '../../content.ts';
import { LATE_P99_LIMIT } from '../../health.ts';
import type { RecordFile } from '../../record-writer.ts';
import { CLOCK_DOUBT_LIMIT, clockProblems } from './clock-doubt.ts';
import { CountedSpan } from './counted-span.ts';
import type { Reading } from './metrics.ts';
import { Recorder } from './recorder.ts';
import { Source, type SourcePath } from './source.ts';
import type { ChainSource, Wire, WireMessage, WireRequest } from './wire.ts';

const NO_USER = 'no virtual user of the path was free';

const SLOW_SCRIPT =
  'the script takes its time before its requests, which counts as their latency: let it send first and wait afterwards';

/** A request that has no place yet, with what was wrong with its answer in place of the answer. */
type Waiting = {
  readonly source: Source;
  readonly request: Omit<WireRequest, 'answer'>;
  readonly wrong: Wrong | undefined;
};

/** What a session is about. */
export type SessionInput = {
  readonly load: SentLoad;
  readonly ids: readonly string[];
  /** How each k6 tells of its requests. */
  readonly wire: Wire;
  /** The k6 processes that share the load, by name. */
  readonly sources: readonly string[];
  /** Index of the k6 scenario of each path: paths of one scenario share its iterations. */
  readonly scenarioOf: readonly number[];
  /** A script of a user sends the requests. */
  readonly scripted: boolean;
  /** Between two requests, by path, from all k6 together. */
  readonly intervalsNs: readonly number[];
  /** How long after its start a request gets its place, more than the margin at the end: word of a drop must have come. */
  readonly settling: Micros;
  /** Zero of the run, on the scale of `now`. */
  readonly zero: Micros;
  /** Reads the process.hrtime scale. */
  readonly now: () => Micros;
};

/** What one or more k6 processes tell, turned into the run's records. */
export class Session {
  readonly #zero: Micros;
  readonly #input: SessionInput;
  readonly #recorder: Recorder;
  readonly #chains: ChainTable;
  readonly sources: readonly Source[];
  readonly #counted: CountedSpan;
  /** By path; undefined where an answer need not say anything. */
  readonly #judges: readonly (ContentJudge | undefined)[];
  #waiting: Waiting[] = [];
  #whole = false;

  constructor(input: SessionInput, file: RecordFile) {
    const { load, ids, sources, wire } = input;
    this.#input = input;
    this.#zero = Math.floor(input.zero);
    this.#recorder = new Recorder(load, ids, file);
    const rules = rulesOf(load);
    this.#judges = ids.map((id) => contentJudge(rules.of(requestOf(id)).good));
    this.#chains = new ChainTable(compileChain(load.chain), (index, chain) => this.#recorder.chain(index, chain));
    const intervals = input.intervalsNs.map((interval) => (interval / 1000) * sources.length);
    this.sources = sources.map((name) => new Source(name, intervals));
    this.#counted = new CountedSpan(this.sources, wire.dedicated);
  }

  /** k6 has said that it has told of everything; only over a dedicated wire. */
  get whole(): boolean {
    return this.#whole;
  }

  /** One line of a k6; false when it is no message, or one that cannot be. */
  line(source: Source, text: string): boolean {
    const { wire } = this.#input;
    const message = wire.read(text);
    if (message !== undefined) return this.#take(source, message);
    if (wire.dedicated) this.complain(`a line of the extension cannot be read: ${cutTo(text, 100)}`);
    return false;
  }

  /** What a k6 said of itself when it was asked. */
  reading(source: Source, { asked, answered, elapsed, drops }: Reading): void {
    if (elapsed !== undefined) source.clock.learn(elapsed, asked - this.#zero, answered - this.#zero);
    source.paths.forEach(({ numbering }, path) => {
      const known = drops[this.#input.scenarioOf[path] ?? path] ?? 0;
      while (numbering.drops < known) this.#drop(source, path);
    });
  }

  /** Everything is sending: with several sources, what comes from now on counts, and before it nothing. */
  begin(): void {
    this.#counted.open(this.#runTime());
  }

  /** Nothing that is due from about now on counts; to be called while k6 goes on, unless the wire is dedicated. */
  end(): void {
    this.#counted.end(this.#runTime());
  }

  /** Whether everything that counts has been told of, after the end. */
  get complete(): boolean {
    const now = this.#runTime();
    const told = (source: Source) =>
      source.paths.every((own, path) => this.#counted.untold(source, path, now).length <= dropsOf(own));
    return this.sources.every((source) => source.running && told(source));
  }

  /** What no record may hold from now on. */
  hide(texts: readonly string[]): void {
    this.#recorder.hide(texts);
  }

  /** Something that makes the evidence doubtful, in words; the same words are counted. */
  complain(what: string): void {
    this.#recorder.complain(what);
  }

  /** Share of the machine that k6 uses, 0 to 1. */
  busy(share: number): void {
    this.#recorder.health.busy(share);
  }

  /** Writes what has settled; `all` does not wait any longer. */
  pulse(all = false): void {
    const limit = this.#runTime() + (all ? CLOCK_DOUBT_LIMIT : -this.#input.settling);
    const later: Waiting[] = [];
    for (const one of this.#waiting) {
      const settled = this.#counted.isOpen && one.source.clock.zero + one.request.start <= limit;
      if (settled) this.#settle(one);
      else later.push(one);
    }
    this.#waiting = later;
    this.#recorder.flush();
  }

  /** Writes a record for every request that was due and never told of, and closes the file. */
  async close(): Promise<void> {
    const { dedicated } = this.#input.wire;
    if (!dedicated && !this.#counted.isEnded) this.end();
    this.pulse(true);
    for (const source of this.sources) {
      if (!dedicated && !source.running) this.complain(`${source.name} has not told of a request on every path`);
      if (dedicated && this.#waiting.length > 0)
        this.complain(`${source.name} has told of requests and not of its clock`);
      for (const path of source.paths.keys()) this.#fillHoles(source, path);
    }
    await this.#recorder.close();
  }

  paths(): LoadProgress['paths'] {
    return this.#recorder.paths(this.#runTime());
  }

  /** Why requests are not recorded any more. */
  get unwritten(): string | undefined {
    return this.#recorder.unwritten;
  }

  degraded(): string[] {
    const clocks = this.sources.flatMap(({ name, clock }) => clockProblems(name, clock));
    const late = this.#input.scripted && this.#recorder.health.lateP99 > LATE_P99_LIMIT ? [SLOW_SCRIPT] : [];
    return [...this.#recorder.degraded(), ...late, ...clocks];
  }

  summary(): LoadSummary {
    return { ...this.#recorder.summary(this.#runTime()), degraded: this.degraded() };
  }

  #runTime(): Micros {
    return this.#input.now() - this.#zero;
  }

  #take(source: Source, message: WireMessage): boolean {
    switch (message.type) {
      case 'request':
        return this.#await(source, message);
      case 'chain':
        this.#recorder.chain(message.index, message.chain);
        break;
      case 'first':
        source.paths[message.path]?.numbering.begin(message.at);
        break;
      case 'drop':
        this.#drop(source, message.path, message.at);
        break;
      case 'clock':
        if (message.exact) source.clock.same(-this.#zero);
        else source.clock.heard(message.at, this.#runTime());
        this.#recorder.lost = message.lost;
        break;
      case 'end':
        this.#whole = true;
        break;
      case 'peer':
        break;
    }
    return true;
  }

  #await(source: Source, request: WireRequest): boolean {
    const own = source.paths[request.path];
    if (own === undefined || !own.numbering.possible(request.number, request.began)) return false;
    // The paths of one k6 scenario share its iterations, also one that a script has not sent on yet.
    const { scenarioOf } = this.#input;
    source.paths.forEach(({ numbering }, path) => {
      if (scenarioOf[path] === scenarioOf[request.path]) numbering.learn(request.number, request.began);
    });
    const { answer, ...told } = request;
    const wrong =
      answer === undefined ? undefined : this.#judges[request.path]?.({ ...answer, status: request.status });
    this.#waiting.push({ source, request: told, wrong });
    return true;
  }

  #drop(source: Source, path: number, at?: Micros): void {
    const own = source.paths[path];
    if (own === undefined) return;
    own.numbering.drop(at);
    if (!this.#counted.isOpen || this.#counted.isEnded) return;
    own.countedDrops += 1;
    this.#recorder.dropped(path, NO_USER);
  }

  #settle({ source, request, wrong }: Waiting): void {
    const { path, status, error, words, fresh } = request;
    const own = source.paths[path] as SourcePath;
    const place = own.numbering.take(request.number, request.began);
    if (place === undefined) {
      this.complain(`${source.name} told of an iteration twice`);
      return;
    }
    const seq = this.#counted.number(path, own, place);
    if (seq === undefined) return;
    const { zero } = source.clock;
    // What a script does between its judged requests is what its users wait for, and counts.
    const due = zero + own.numbering.due(place) + request.judged;
    if (request.shortage !== undefined) {
      this.#recorder.hole(path, seq, due);
      this.#recorder.dropped(path, `the machine of ${source.name} ran short of resources (${request.shortage})`);
      return;
    }
    const [start, end, chain] = [zero + request.start, zero + request.end, this.#chainOf(request.chain)];
    this.#recorder.sent({ path, seq, due, start, end, status, error, words, wrong, chain, fresh });
  }

  #chainOf(chain: ChainSource): number {
    return typeof chain === 'number' ? chain : this.#chains.index(chain.text, chain.truncated);
  }

  #fillHoles(source: Source, path: number): void {
    // Without its clock nobody knows when anything was due.
    if (!source.clock.known) return;
    const own = source.paths[path] as SourcePath;
    const untold = this.#counted.untold(source, path, this.#runTime());
    for (const { place, number } of untold) {
      this.#recorder.hole(path, number, source.clock.zero + own.numbering.due(place));
    }
    const why = `no word of them came from ${source.name}`;
    const unknown = this.#input.scripted ? `${why}, or the script did not send them` : why;
    for (let i = own.countedDrops; i < untold.length; i += 1) {
      this.#recorder.dropped(path, i < dropsOf(own) ? NO_USER : unknown);
    }
  }
}

/** Drops since the span began, as far as is known. */
function dropsOf({ numbering, earlierDrops }: SourcePath): number {
  return numbering.drops - earlierDrops;
}
