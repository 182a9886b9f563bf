import type { RecordedScenario } from '../../model/scenario.ts';
import type { Collector } from '../ingest/collector.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Facts } from '../timeline/history.ts';
import { meshServices } from '../timeline/mesh-services.ts';
import type { Stage } from '../timeline/stages.ts';
import type { Segment, Windows } from '../timeline/windows.ts';
import type { Comparisons } from './comparisons.ts';
import { EvidenceLog } from './evidence.ts';
import type { Listeners } from './listeners.ts';
import type { Pods } from './pods.ts';
import { ProxyBook } from './proxies.ts';
import { type Risk, riskOf } from './risk.ts';

/** What was counted in a run, and the timeline it was counted over. */
export class Counted {
  readonly facts: Facts;
  readonly scenario: RecordedScenario;
  readonly windows: Windows;
  readonly segments: readonly Segment[];
  readonly stages: readonly Stage[];
  readonly paths: readonly PathStream[];
  /** Proxies whose counters tell where calls went. */
  readonly callingProxies: readonly PathStream[];
  readonly collector: Collector;
  readonly listeners: Listeners;
  readonly pods: Pods;
  readonly evidence: EvidenceLog;
  /** Zone name to region. */
  readonly regions: ReadonlyMap<string, string>;
  readonly risk: Risk;
  readonly proxies: ProxyBook;

  constructor(
    facts: Facts,
    timeline: { readonly windows: Windows; readonly segments: readonly Segment[]; readonly stages: readonly Stage[] },
    collector: Collector,
    listeners: Listeners,
    comparisons: Comparisons,
  ) {
    this.facts = facts;
    this.scenario = facts.header.scenario;
    this.windows = timeline.windows;
    this.segments = timeline.segments;
    this.stages = timeline.stages;
    this.collector = collector;
    this.paths = collector.paths;
    this.callingProxies = collector.proxies;
    this.listeners = listeners;
    this.pods = listeners.pods;
    this.evidence = new EvidenceLog(facts, collector.texts);
    this.regions = listeners.sites.regions;
    this.proxies = new ProxyBook(facts);
    const counted = meshServices(facts).size;
    const judged = { paths: this.paths, stages: this.stages.length, counted, comparisons };
    this.risk = riskOf(facts.header, judged, listeners.outages);
  }
}
