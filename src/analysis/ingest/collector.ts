import { type Rules, rulesOf } from '../../model/good.ts';
import { ratesOf } from '../../model/rates.ts';
import type { Chain, Hop, RecordVisitor, RequestRecord } from '../../model/record.ts';
import type { Path } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';
import type { Listeners } from '../facts/listeners.ts';
import { clusterFinder } from '../facts/zone-clusters.ts';
import type { Facts } from '../timeline/history.ts';
import { longestQuiet, unscheduled } from '../timeline/silence.ts';
import type { Segment, Windows } from '../timeline/windows.ts';
import { type ChainRef, ChainTable } from './chains.ts';
import { BAD, Classifier, GOOD, type Standing } from './classify.ts';
import { foreignTo } from './foreign.ts';
import { hopLookup } from './hop-lookup.ts';
import { callsOf, PathStream, type Route } from './path.ts';

/** Records are written when they end, so they can be out of order by a timeout, and by a slow writer's buffer. */
const WRITE_SLACK: Micros = 5_000_000;
const MAX_PATHS = 10_000;
const MAX_TEXTS = 10_000;

/**
 * Takes the records of a run as they stand in the file, brings them in due order, sorts them into good, bad and unknown,
 * finds the part of the run that each belongs to, and tells the listeners. Nothing is counted or judged here.
 */
export class Collector implements RecordVisitor {
  /** Paths of the topology in its order, then others of the file. */
  readonly paths: PathStream[] = [];
  /** One for each proxy whose counters tell of calls. */
  readonly proxies: PathStream[] = [];
  readonly chains: ChainTable;
  readonly classifier: Classifier;
  readonly texts: string[] = [];
  corruptLines = 0;
  /** Requests that the rate asked for and that were never due. */
  unscheduled = 0;
  readonly #facts: Facts;
  readonly #windows: Windows;
  readonly #segments: readonly Segment[];
  readonly #listeners: Listeners;
  readonly #byIndex: (PathStream | undefined)[] = [];
  /** Where each path stands in `paths`. */
  readonly #places = new Map<string, number>();
  readonly #topology: ReadonlyMap<string, Path>;
  /** The first segments after the first injection and after the first undo were asked for. */
  readonly #faulted: Segment | undefined;
  readonly #home: Segment | undefined;
  /** What the rate explains. */
  readonly #rates: (name: string) => number;
  /** How long a record may be overtaken by others. */
  readonly #bound: Micros;
  readonly #rules: Rules;
  readonly #isForeign: (record: RequestRecord, rate: number) => boolean;
  #latest: Micros = 0;
  #routes = 0;
  #rows = 0;

  constructor(facts: Facts, windows: Windows, segments: readonly Segment[], listeners: Listeners) {
    this.#facts = facts;
    this.#windows = windows;
    this.#segments = segments;
    this.#listeners = listeners;
    this.#rates = ratesOf(facts.header.scenario.load);
    this.#bound = facts.header.scenario.load.timeoutMs * 1000 + WRITE_SLACK;
    this.#isForeign = foreignTo(facts, this.#bound);
    this.#rules = rulesOf(facts.header.scenario.load);
    const { calls: callees = {} } = facts.header.scenario.load.chain;
    const siteOf = (hop: Hop) => listeners.sites.of(hop);
    const reading = {
      rules: this.#rules.all,
      callees,
      lookup: hopLookup(facts),
      siteOf,
      clusterOf: clusterFinder(facts),
    };
    this.chains = new ChainTable(reading, (chain) => listeners.chain(chain));
    this.classifier = new Classifier(facts, this.chains);
    this.#faulted = segments.find(({ start }) => start === windows.faulted?.start);
    this.#home = segments.find(({ start }) => start === windows.home?.start);
    this.#topology = new Map(facts.header.topology.paths.map((path) => [path.id, path]));
    for (const id of this.#topology.keys()) this.#add(this.#open(-1, id));
  }

  header(): void {}

  path(index: number, id: string): void {
    const known = this.#places.get(id);
    const isTaken = this.#byIndex[index] !== undefined || (known !== undefined && this.paths[known]?.index !== -1);
    if (isTaken || index >= MAX_PATHS) {
      this.corruptLines++;
      return;
    }
    const stream = this.#open(index, id);
    this.#byIndex[index] = stream;
    if (known === undefined) this.#add(stream);
    else this.paths[known] = stream;
  }

  chain(index: number, chain: Chain): void {
    this.chains.define(index, chain);
  }

  text(index: number, text: string): void {
    if (index < MAX_TEXTS) this.texts[index] ??= text;
  }

  request(record: RequestRecord): void {
    const path = this.#byIndex[record.path];
    if (path === undefined || this.#isForeign(record, path.rate)) {
      this.corruptLines++;
      return;
    }
    if (record.end > this.#latest) this.#latest = record.end;
    path.reorder.push(record, this.#latest);
  }

  corrupt(): void {
    this.corruptLines++;
  }

  /** The file has ended. */
  finish(): void {
    const { ended, header } = this.#facts;
    const underWayFrom = ended ? Number.POSITIVE_INFINITY : this.#latest - header.scenario.load.timeoutMs * 1000;
    for (const path of this.paths) path.reorder.finish(underWayFrom);
    this.#listeners.finish(this.paths);
  }

  #add(path: PathStream): void {
    this.#places.set(path.id, this.paths.push(path) - 1);
  }

  /** Opens a path for the calls that one proxy counts. */
  openProxy(id: string, place: Pick<Path, 'zone' | 'cluster'>): PathStream {
    const rate = this.#rates('');
    const path = new PathStream(this.#rows++, -1, id, place, {
      ofProxy: true,
      name: '',
      rule: this.#rules.of(''),
      first: this.#segments[0] as Segment,
      pace: { rate, quiet: longestQuiet(this.#facts, rate) },
      bound: this.#bound,
      emit: () => {},
    });
    this.proxies.push(path);
    return path;
  }

  /** The route of a chain on a path. */
  routeOf(path: PathStream, chain: ChainRef): Route {
    return path.routes[chain.kind.index] ?? this.#route(path, chain);
  }

  #open(index: number, id: string): PathStream {
    const path = this.#topology.get(id);
    const name = path?.name ?? id.slice(0, Math.max(0, id.indexOf('@')));
    const rate = this.#rates(name);
    return new PathStream(this.#rows++, index, id, path, {
      name,
      rule: this.#rules.of(name),
      first: this.#segments[0] as Segment,
      pace: { rate, quiet: longestQuiet(this.#facts, rate) },
      bound: this.#bound,
      emit: (stream, record, missing) => this.#see(stream, record, missing),
    });
  }

  #see(path: PathStream, record: RequestRecord, missing: number): void {
    this.#moveTo(path, record.due, missing);
    path.records++;
    const standing = this.classifier.classify(record, path);
    const segment = this.#segmentOf(path, record, standing);
    const chain = this.classifier.chain;
    if (standing !== GOOD && standing !== BAD) this.#listeners.unknown(path, segment, record);
    if (chain === undefined || record.ended === 'dropped') return;
    const route = this.routeOf(path, chain);
    if (standing === GOOD) this.#listeners.good(route, segment, record, chain);
    else this.#listeners.other(route, segment, record, chain, standing, this.classifier.served);
  }

  /** Brings a path to a record's due time. What the rate asked for and was never due is missing, as what has no record is. */
  #moveTo(path: PathStream, due: Micros, missing: number): void {
    const last = path.lastDue < 0 ? this.#windows.baseline.start + 1e6 : path.lastDue;
    const never = missing > 0 || due - last <= path.quiet ? 0 : unscheduled(path, due - last);
    this.unscheduled += never;
    path.delivery.see(last, due, 1 + missing + never);
    const { start, end } = path.segment;
    if (missing + never > 0 || due < start || due >= end) this.#cross(path, due, last, missing + never);
    if (due > path.lastDue) path.lastDue = due;
  }

  /** What is missing before a record lay evenly between the last one and this one, as a schedule does. */
  #cross(path: PathStream, due: Micros, last: Micros, missing: number): void {
    let lost = missing;
    const step = Math.max(0, due - last) / (lost + 1);
    const tell = (segment: Segment): void => {
      if (lost === 0) return;
      const after = step === 0 ? 0 : Math.floor((due - segment.end) / step);
      const here = lost - Math.min(lost, Math.max(0, after));
      if (here > 0) this.#listeners.missing(path, segment, here);
      lost -= here;
    };
    tell(path.segment);
    if (due < path.segment.start) path.segment = this.#segments.findLast((s) => s.start <= due) ?? path.segment;
    while (due >= path.segment.end) {
      path.segment = this.#segments[path.segment.index + 1] as Segment;
      tell(path.segment);
    }
  }

  /**
   * Where a request belongs: where it was due, but for two edges. One that was under way at the first injection may have
   * met the fault, unless it was older by then than any good answer before: that one had failed already. And a good
   * answer that ended after the undo was asked for may have come from what was back.
   */
  #segmentOf(path: PathStream, record: RequestRecord, standing: Standing): Segment {
    const { segment } = path;
    if (segment.part === 'baseline' || segment.part === 'ahead') return this.#intoFault(path, record, standing);
    const home = this.#home;
    const isLate = home !== undefined && segment.part === 'stage' && record.end >= home.start;
    return isLate && standing === GOOD ? home : segment;
  }

  #intoFault(path: PathStream, record: RequestRecord, standing: Standing): Segment {
    const faulted = this.#faulted;
    if (faulted === undefined || record.end <= faulted.start) {
      if (standing === GOOD) path.slowestGood = Math.max(path.slowestGood, record.end - record.start);
      return path.segment;
    }
    return standing === GOOD || faulted.start - record.start <= path.slowestGood ? faulted : path.segment;
  }

  #route(path: PathStream, { kind }: ChainRef): Route {
    const { calls, untold } = callsOf(kind, path);
    const own = calls.filter((call) => call.zone === call.fromZone).length;
    const ownZone = calls.length === 0 ? 1 : own / calls.length;
    const complete = kind.complete[path.rule.index] ?? false;
    const route = { id: this.#routes++, path, kind, complete, calls, untold, ownZone };
    path.routes[kind.index] = route;
    return route;
  }
}
