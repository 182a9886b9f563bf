import type { EjectionSummary } from '../../model/result.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Collector } from '../ingest/collector.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Facts } from '../timeline/history.ts';
import type { Stage } from '../timeline/stages.ts';
import type { Segment, Windows } from '../timeline/windows.ts';
import { unableOf } from './capacity.ts';
import { type Effects, effectsOf } from './effects.ts';
import { ejectionSummary, ejectionsOf, type ServiceEjections } from './ejections.ts';
import { EvidenceLog } from './evidence.ts';
import { type Homeward, homewardsOf } from './homeward.ts';
import type { Listeners } from './listeners.ts';
import type { Pods } from './pods.ts';
import { ProxyBook } from './proxies.ts';
import { outcomesOf, type StageOutcome } from './recoveries.ts';
import { remembered } from './remembered.ts';
import { type Risk, riskOf } from './risk.ts';

/** Everything the judges look at: what was counted, and what follows from it, each worked out once. */
export class Case {
  readonly facts: Facts;
  readonly scenario: Scenario;
  readonly windows: Windows;
  readonly segments: readonly Segment[];
  readonly stages: readonly Stage[];
  readonly paths: readonly PathStream[];
  readonly collector: Collector;
  readonly listeners: Listeners;
  readonly pods: Pods;
  readonly evidence: EvidenceLog;
  /** Zone name to region. */
  readonly regions: ReadonlyMap<string, string>;
  readonly risk: Risk;
  readonly proxies: ProxyBook;
  /** Endpoints of a service that could not serve even before the faults, by address. */
  readonly unable = remembered((service: string): ReadonlySet<string> => unableOf(this, service));
  /** Ejections of a service while the faults were on. */
  readonly ejectionsOf = remembered((service: string): ServiceEjections => ejectionsOf(this, service));
  #effects: Effects | undefined;
  #outcomes: readonly StageOutcome[] | undefined;
  #homewards: readonly Homeward[] | undefined;
  #ejections: EjectionSummary | undefined;

  constructor(
    facts: Facts,
    timeline: { readonly windows: Windows; readonly segments: readonly Segment[]; readonly stages: readonly Stage[] },
    collector: Collector,
    listeners: Listeners,
  ) {
    this.facts = facts;
    this.scenario = facts.header.scenario;
    this.windows = timeline.windows;
    this.segments = timeline.segments;
    this.stages = timeline.stages;
    this.collector = collector;
    this.paths = collector.paths;
    this.listeners = listeners;
    this.pods = listeners.pods;
    this.evidence = new EvidenceLog(facts, collector.texts);
    const { clusters } = facts.header.topology;
    this.regions = new Map(clusters.flatMap(({ zones, region }) => zones.map((zone) => [zone, region])));
    this.proxies = new ProxyBook(facts);
    this.risk = riskOf(facts.header, this.paths, this.stages.length, listeners.outages);
  }

  /** Which faults are established, and why the others are not. */
  get effects(): Effects {
    this.#effects ??= effectsOf(this);
    return this.#effects;
  }

  /** How every path came through every stage. */
  get outcomes(): readonly StageOutcome[] {
    this.#outcomes ??= outcomesOf(this);
    return this.#outcomes;
  }

  /** The way out and home of every service and zone of callers. */
  get homewards(): readonly Homeward[] {
    this.#homewards ??= homewardsOf(this);
    return this.#homewards;
  }

  get ejections(): EjectionSummary {
    this.#ejections ??= ejectionSummary(this);
    return this.#ejections;
  }
}
