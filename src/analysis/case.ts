import type { Finding, Verdict } from '../model/finding.ts';
import type { EjectionSummary } from '../model/result.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Collector } from './collector.ts';
import { unseenRequests } from './coverage.ts';
import { ejectionSummary } from './ejection-summary.ts';
import { EvidenceLog } from './evidence.ts';
import type { Facts } from './facts.ts';
import type { Observer } from './observer.ts';
import { BAD, GOOD, type PathState } from './path-state.ts';
import { Pods } from './pods.ts';
import { outcomesOf, type StageOutcome } from './recoveries.ts';
import { type Segment, type Window, type Windows, within } from './segments.ts';
import type { Stage } from './stages.ts';

/** Everything the judges look at. */
export type Case = {
  readonly facts: Facts;
  readonly scenario: Scenario;
  readonly windows: Windows;
  readonly segments: readonly Segment[];
  readonly stages: readonly Stage[];
  readonly paths: readonly PathState[];
  readonly observer: Observer;
  readonly corruptLines: number;
  readonly pods: Pods;
  readonly outcomes: readonly StageOutcome[];
  readonly ejections: EjectionSummary;
  readonly evidence: EvidenceLog;
  /** Zone name to region. */
  readonly regions: ReadonlyMap<string, string>;
};

export function openCase(collector: Collector): Case {
  const { facts, observer, windows, segments, stages, paths, corruptLines } = collector;
  const clusters = facts.header.topology.clusters;
  return {
    facts,
    scenario: facts.header.scenario,
    windows,
    segments,
    stages,
    paths,
    observer,
    corruptLines,
    pods: new Pods(facts),
    outcomes: outcomesOf(collector),
    ejections: ejectionSummary(facts),
    evidence: new EvidenceLog(facts),
    regions: new Map(clusters.flatMap(({ zones, region }) => zones.map((zone) => [zone, region]))),
  };
}

export type Tally = { readonly good: number; readonly bad: number; readonly unknown: number };

/** Requests of some paths in a window. Requests that should be there but are not count as unknown. */
export function tally(it: Case, paths: readonly PathState[], window: Window): Tally {
  const segments = within(it.segments, window);
  const sum = (value: (path: PathState) => number): number => paths.reduce((total, path) => total + value(path), 0);
  return {
    good: sum((path) => path.sum(segments, GOOD)),
    bad: sum((path) => path.sum(segments, BAD)),
    unknown: sum((path) => path.unknown(segments) + unseenRequests(it.facts, path.lastDue, window)),
  };
}

/** Own-zone hops and all hops of served requests. */
export function ownZoneHops(it: Case, paths: readonly PathState[], window: Window): { own: number; all: number } {
  let own = 0;
  let all = 0;
  const segments = within(it.segments, window);
  for (const plan of paths.flatMap((path) => path.plans)) {
    if (plan === undefined || plan.hops === 0) continue;
    const served = segments.reduce((sum, segment) => sum + (plan.served[segment.index] as number), 0);
    own += served * plan.ownZone;
    all += served * plan.hops;
  }
  return { own, all };
}

type Draft = Omit<Finding, 'id' | 'verdict' | 'cause' | 'hint'> & {
  readonly verdict: Verdict;
  /** Told apart from the subject when one subject has several findings. */
  readonly id?: string;
  readonly cause?: string | undefined;
  readonly hint?: string | undefined;
};

/** A finding whose id is its objective and subject, without the reasons that a pass does not need. */
export function finding(draft: Draft): Finding {
  const { cause, hint, id, ...rest } = draft;
  return {
    ...rest,
    id: id ?? `${draft.objective}/${draft.subject}`,
    ...(cause !== undefined && draft.verdict !== 'pass' && { cause }),
    ...(hint !== undefined && draft.verdict !== 'pass' && { hint }),
  };
}
