import type { Finding, Verdict } from '../../model/finding.ts';
import type { Failback } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { type Case, finding, tally } from '../case.ts';
import { eventId } from '../evidence.ts';
import { count, seconds, secondsInterval } from '../format.ts';
import { type Homeward, homewards } from '../homeward.ts';
import { atBestInconclusive, judgeAtMost } from '../stats.ts';

export type FailbackJudgement = { readonly findings: readonly Finding[]; readonly failbacks: readonly Failback[] };

type Judgement = { readonly verdict: Verdict; readonly cause?: string };

function undoEvents(it: Case): string[] {
  return it.facts.faults.flatMap((fault) => (fault.undo === undefined ? [] : [eventId(fault.undo)])).slice(0, 4);
}

function judgeMoved(it: Case, way: Homeward, undone: Micros, limit: Micros): Judgement {
  const { lo, hi } = relative(way, undone);
  const { unknown } = tally(it, it.paths, { start: it.facts.firstUndo ?? undone, end: it.facts.end });
  const verdict = judgeAtMost(lo, hi, limit);
  if (verdict === 'pass' && unknown > 0) {
    return { verdict: atBestInconclusive(verdict), cause: `${count(unknown, 'request')} after the undo unknown` };
  }
  if (hi !== null)
    return { verdict, cause: verdict === 'fail' ? 'home too late' : 'the interval straddles the target' };
  return { verdict, cause: verdict === 'fail' ? 'still away' : 'the run ended before it could be seen' };
}

function relative(way: Homeward, undone: Micros): { lo: Micros; hi: Micros | null } {
  const lo = Math.max(0, way.home.lo - undone);
  return { lo, hi: way.home.hi === null ? null : Math.max(lo, way.home.hi - undone) };
}

/** Callers that were served elsewhere, or, where the fault had silenced the callers too, by nobody. */
function wayFinding(it: Case, way: Homeward, undone: Micros, withinMs: number): Finding {
  const limit = withinMs * 1000;
  const { lo, hi } = relative(way, undone);
  const { verdict, cause } = judgeMoved(it, way, undone, limit);
  const who = `Calls of ${way.service} from ${way.fromZone}`;
  const left = way.moved ? 'had left their zone' : 'had been cut off';
  return finding({
    id: failbackId(way),
    objective: 'failback',
    subject: `${way.service} from ${way.fromZone}`,
    verdict,
    title: hi === null ? `${who} are not home` : `${who} came home`,
    story:
      hi === null
        ? `${who} ${left} and were still not served at home ${seconds(lo, limit)} s after the undo; allowed are ${seconds(limit)} s.`
        : `${who} were home again ${secondsInterval(lo, hi, limit)} after the undo; allowed are ${seconds(limit)} s.`,
    measured: { lo: lo / 1e6, hi: hi === null ? null : hi / 1e6, unit: 's' },
    target: { op: '<=', value: withinMs / 1000, unit: 's' },
    samples: way.hops,
    evidence: [...undoEvents(it), ...it.evidence.requests(way.lastAway, hi === null ? undefined : way.firstHome)],
    cause,
    hint: 'outlierDetection.baseEjectionTime plus one outlierDetection.interval pass before an ejected pod is tried again.',
  });
}

function failbackId(way: Homeward): string {
  return `failback/${way.service}/${way.fromZone}`;
}

function nobody(it: Case, verdict: Verdict, story: string): Finding {
  return finding({
    objective: 'failback',
    subject: 'callers',
    verdict,
    title: 'Nobody left home',
    story,
    samples: 0,
    evidence: undoEvents(it),
    cause: story,
  });
}

/** Did every caller that had moved come home after the undo? */
export function judgeFailback(it: Case): FailbackJudgement {
  const rule = it.scenario.expect.failback;
  if (rule === undefined) return { findings: [], failbacks: [] };
  const { undone } = it.facts;
  if (undone === undefined) {
    const why = it.facts.firstInject === undefined ? 'Nothing was injected.' : 'The undo never ended.';
    return { findings: [nobody(it, 'inconclusive', why)], failbacks: [] };
  }
  const ways = homewards(it).filter((way) => way.moved || way.hadToLeave);
  if (ways.length === 0) {
    return {
      findings: [nobody(it, 'pass', 'No caller was served from another zone while the faults were on.')],
      failbacks: [],
    };
  }
  return {
    findings: ways.map((way) => wayFinding(it, way, undone, rule.withinMs)),
    failbacks: ways.map((way) => ({
      service: way.service,
      fromZone: way.fromZone,
      undone,
      home: { lo: Math.max(undone, way.home.lo), hi: homeAt(way, undone) },
      finding: failbackId(way),
    })),
  };
}

function homeAt(way: Homeward, undone: Micros): Micros | null {
  const { hi } = relative(way, undone);
  return hi === null ? null : undone + hi;
}
