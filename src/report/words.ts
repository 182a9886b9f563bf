import type { Finding, Verdict } from '../model/finding.ts';
import type { FaultStep, Phase, RunStatus, TouchedObject } from '../model/history.ts';
import { whyUnseen } from '../model/leftover.ts';
import { placeText } from '../model/place.ts';
import type { MetKind } from '../model/practice.ts';
import type { Ladder, PutBack, Recovery, Rung, RunResult } from '../model/result.ts';
import { isDone } from '../model/touched-object.ts';
import { formatNumber } from './format.ts';

/** The verdict as people read it, with a shape so that colour is never alone. */
export const VERDICT_WORDS: Readonly<Record<Verdict, { word: string; shape: string; ascii: string }>> = {
  pass: { word: 'PASS', shape: '✓', ascii: '[PASS]' },
  fail: { word: 'FAIL', shape: '✗', ascii: '[FAIL]' },
  inconclusive: { word: 'INCONCLUSIVE', shape: '?', ascii: '[????]' },
};

export const STATUS_WORDS: Readonly<Record<RunStatus, string>> = {
  completed: 'completed',
  aborted: 'aborted',
  refused: 'refused before any fault',
  interrupted: 'interrupted',
  failed: 'failed',
};

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  baseline: 'baseline',
  inject: 'inject',
  hold: 'hold',
  undo: 'undo',
  recover: 'recover',
};

export const STEP_WORDS: Readonly<Record<FaultStep, string>> = {
  requested: 'requested',
  acknowledged: 'acknowledged',
  proven: 'effect proven',
  'went-on': 'went on',
  'not-proven': 'effect not proven',
  'undo-requested': 'undo requested',
  undone: 'undone',
  'undo-conflict': 'undo met a change of somebody else',
  'undo-failed': 'undo failed',
};

export const RUNG_WORDS: Readonly<Record<Rung['state'], { word: string; good: 'yes' | 'no' | 'neutral' }>> = {
  'took-over': { word: 'took over', good: 'yes' },
  partly: { word: 'took over in part', good: 'no' },
  skipped: { word: 'skipped', good: 'no' },
  'too-early': { word: 'too early', good: 'no' },
  never: { word: 'never served', good: 'no' },
  'not-needed': { word: 'not needed', good: 'neutral' },
  down: { word: 'down, as injected', good: 'neutral' },
  unexpected: { word: 'not declared, but served', good: 'no' },
};

export const RECOVERY_WORDS: Readonly<Record<Recovery['state'], string>> = {
  'not-impacted': 'not impacted',
  recovered: 'recovered',
  'not-recovered': 'not recovered',
  'too-few-samples': 'too few samples',
};

export const OBJECT_WORDS: Readonly<Record<TouchedObject['state'], string>> = {
  'put-back': 'put back, equal',
  'left-behind': 'LEFT BEHIND',
  conflict: 'CONFLICT, not overwritten',
  'one-shot': 'one-shot, replaced by its controller',
  gone: 'gone, deleted or created anew by somebody else',
  unknown: 'UNKNOWN',
};

/** What the load generator's own dashboard is, so that nobody takes it for this report. */
export const DASHBOARD = { name: "k6's own dashboard", what: 'load as k6 saw it, without faults and phases' } as const;

/** Whose calls a ladder or a way home is of. */
export function callersText({ fromZone, fromCluster }: Pick<Ladder, 'fromZone' | 'fromCluster'>): string {
  return placeText({ zone: fromZone, ...(fromCluster !== undefined && { cluster: fromCluster }) });
}

/** One of the three things the first screen must say: is everything as it was? */
export function putBackText(putBack: PutBack): string {
  const left = leftCount(putBack);
  if (putBack.state === 'nothing-injected') return 'nothing was injected, nothing to put back';
  if (putBack.state === 'put-back') return 'everything put back, 0 objects left';
  return `NOT PUT BACK, ${left === 0 ? 'state unknown' : `${left} left`}`;
}

/** Objects of ours that remain: leftovers, and touched objects that are not as they were. */
function leftCount(putBack: PutBack): number {
  const open = putBack.objects.filter((object) => !isDone(object));
  const left = putBack.leftovers.filter((one) => whyUnseen(one) === undefined);
  return Math.max(left.length, open.length);
}

const MET_WORDS: Readonly<Record<MetKind, string>> = {
  sandbox: 'embedded sandbox, not a real mesh',
  lab: 'lab, a real mesh',
  clusters: 'real clusters',
};

/** Where it ran; a reader must never take a sandbox for a real mesh. */
export function targetText(target: RunResult['run']['target']): string {
  return `${target.name} (${MET_WORDS[target.kind]})`;
}

export type Counts = Readonly<Record<Verdict, number>>;

/** How many findings of each verdict: the same in every shape of the report. */
export function countVerdicts(findings: readonly Finding[]): Counts {
  const counts = { pass: 0, fail: 0, inconclusive: 0 };
  for (const finding of findings) counts[finding.verdict] += 1;
  return counts;
}

/** `2 fail, 1 inconclusive, 8 pass` */
export function countsText(counts: Counts): string {
  const number = (count: number): string => formatNumber(count, 0);
  return `${number(counts.fail)} fail, ${number(counts.inconclusive)} inconclusive, ${number(counts.pass)} pass`;
}
