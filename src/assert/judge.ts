import type { Ladder, Recovery, RunResult } from '../model/result.ts';
import type { Place } from '../model/scenario.ts';
import { formatDuration, type Millis } from '../model/units.ts';

/** The answer of a run to a question, with what it rests on. `known: false`: the run cannot tell. */
export type Answer =
  | { readonly known: true; readonly holds: boolean; readonly because: string }
  | { readonly known: false; readonly because: string };

function answer(holds: boolean, because: string): Answer {
  return { known: true, holds, because };
}

function unknown(because: string): Answer {
  return { known: false, because };
}

/** What keeps every question about the fault from being answered: it was not proven. */
function unproven(result: RunResult): Answer | undefined {
  const finding = result.findings.find((one) => one.objective === 'faultEffect' && one.verdict !== 'pass');
  if (finding !== undefined) return unknown(finding.story);
  return result.faults.length === 0 ? unknown(`no fault was injected: ${result.reason}`) : undefined;
}

/** Did every impacted path recover within the time? The upper end of each measured interval counts. */
export function judgeRecovery(result: RunResult, within: Millis): Answer {
  const blocked = unproven(result);
  if (blocked !== undefined) return blocked;
  const impacted = result.recoveries.filter((recovery) => recovery.state !== 'not-impacted');
  const answers = impacted.map((recovery) => pathRecovery(recovery, within));
  const late = answers.find((one) => one.known && !one.holds);
  const open = answers.find((one) => !one.known);
  return late ?? open ?? answer(true, `${impacted.length} impacted paths recovered within ${formatDuration(within)}`);
}

function pathRecovery(recovery: Recovery, within: Millis): Answer {
  const { path, effective, recovered } = recovery;
  if (recovered === undefined) return unknown(`${path}: ${recovery.state}`);
  const lo = (recovered.lo - effective) / 1000;
  const hi = recovered.hi === null ? undefined : (recovered.hi - effective) / 1000;
  const measured =
    hi === undefined ? `not before ${lo.toFixed(1)} ms` : `after ${lo.toFixed(1)} to ${hi.toFixed(1)} ms`;
  const because = `${path} recovered ${measured}, wanted within ${formatDuration(within)}`;
  if (hi !== undefined && hi <= within) return answer(true, because);
  return lo > within ? answer(false, because) : unknown(because);
}

/** Was everything put back? */
export function judgePutBack(result: RunResult): Answer {
  const left = result.putBack.leftovers.map((one) => `${one.cluster}: ${one.ref}`);
  const because = left.length > 0 ? `left behind: ${left.join(', ')}` : result.putBack.detail;
  return answer(result.putBack.state !== 'incomplete', because);
}

/** Did every objective hold? */
export function judgePass(result: RunResult): Answer {
  if (result.status === 'completed' && result.verdict === 'inconclusive') return unknown(result.reason);
  return answer(result.verdict === 'pass' && result.status === 'completed', result.reason);
}

/** Did the place take over the callers of a zone, in the declared order? */
export function judgeFailover(result: RunResult, service: string, zone: string, place: Place): Answer {
  const blocked = unproven(result);
  if (blocked !== undefined) return blocked;
  const ladders = result.ladders.filter((ladder) => ladder.service === service && ladder.fromZone === zone);
  if (ladders.length === 0) {
    return unknown(`the scenario declares no failoverOrder for ${service} from zone ${zone}`);
  }
  const wanted = JSON.stringify(place);
  const states = ladders.map((ladder) => stateOf(ladder, wanted));
  const because = `${service} from ${zone} to ${wanted}: ${states.join(', then ')}`;
  const findings = result.findings.filter((finding) => ladders.some((ladder) => ladder.finding === finding.id));
  if (findings.some((finding) => finding.verdict === 'inconclusive')) return unknown(because);
  return answer(
    states.some((state) => state === 'took-over' || state === 'partly'),
    because,
  );
}

function stateOf(ladder: Ladder, place: string): string {
  return ladder.rungs.find((rung) => JSON.stringify(rung.place) === place)?.state ?? 'not on the ladder';
}
