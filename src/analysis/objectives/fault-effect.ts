import type { Finding } from '../../model/finding.ts';
import { type Case, finding } from '../case.ts';
import { eventId, faultEvidence } from '../evidence.ts';
import type { FaultEvent, FaultFacts } from '../facts.ts';
import { count, seconds } from '../format.ts';
import { type Sighting, sightings } from '../sightings.ts';

const NOT_HIT =
  'What still answers was not hit: compare the affected pods in the plan with the pods behind the service (another Deployment, a rollout that kept the old pod, a policy that the network does not enforce).';
const IDLE = 'Point the load at a path through these pods, or the fault at pods behind the path.';
const REVERTED =
  'Somebody or something put the objects back while the fault was on: pause GitOps (Argo CD self-heal, Flux), operators and other people for the run.';

/** Why a fault's effect is not established; undefined when it is. */
function unproven(fault: FaultFacts): string | undefined {
  if (fault.requested === undefined) return 'it was never injected';
  if (fault.notProven !== undefined && fault.proven === undefined) {
    return `it could not be proven${fault.notProven.detail === undefined ? '' : `: ${fault.notProven.detail}`}`;
  }
  if (fault.proven === undefined) return 'the run ended before it was proven';
  return fault.wentOff === undefined ? undefined : offText(fault, fault.wentOff);
}

/** When a proven fault was found to be off again, long before anybody asked for its undo. */
function offText(fault: FaultFacts, off: FaultEvent): string {
  const on = seconds(Math.max(0, off.t - (fault.effective ?? off.t)));
  const early =
    fault.undoRequested === undefined ? '' : ` and ${seconds(fault.undoRequested - off.t)} s before its undo`;
  const detail = off.detail === undefined ? '' : `: ${off.detail.replace(/\.$/, '')}`;
  return `it was found off ${on} s after its effect${early}${detail}`;
}

/** Why the requests say nothing, for or against; undefined when they do. */
function unseen(fault: FaultFacts, seen: Sighting): string | undefined {
  if (fault.needsWitness && seen.certain === 0) {
    return 'only requests can show this effect, and none of them had been served by its pods';
  }
  return seen.before === 0
    ? 'no request had been served by its pods, so the requests say nothing about this fault'
    : undefined;
}

function hint(fault: FaultFacts, seen: Sighting): string {
  if (fault.wentOff !== undefined) return REVERTED;
  return fault.proven !== undefined && seen.before + seen.after === 0 ? IDLE : NOT_HIT;
}

function story(fault: FaultFacts, cause: string | undefined, seen: Sighting): string {
  if (cause !== undefined) return `${fault.name}: ${cause}.`;
  const delay = (fault.effective ?? 0) - (fault.acknowledged ?? 0);
  const proof = fault.needsWitness
    ? `The objects of ${fault.name} were read back`
    : `The cluster showed the effect of ${fault.name} ${seconds(Math.max(0, delay))} s after the acknowledgement`;
  return seen.certain === 0
    ? `${proof}; ${count(seen.before, 'hop')} had been served where its pods are, but the answers do not tell whether by them.`
    : `${proof}, and its pods, which had served ${count(seen.certain, 'hop')} before it, served none after that.`;
}

function judge(it: Case, fault: FaultFacts): Finding {
  const seen = sightings(it, fault);
  const first = fault.events.find((event) => event.step === 'proven' || event.step === 'not-proven');
  const contradiction =
    seen.after === 0
      ? undefined
      : `the requests contradict the proof: ${seen.what} answered ${count(seen.after, 'time')} while the fault was said to be on`;
  const cause = unproven(fault) ?? contradiction ?? unseen(fault, seen);
  return finding({
    objective: 'faultEffect',
    subject: fault.name,
    verdict: cause === undefined ? 'pass' : 'inconclusive',
    title: title(fault, cause),
    story: story(fault, cause, seen),
    ...(fault.proven !== undefined && { measured: { lo: seen.after, hi: seen.after, unit: 'count' as const } }),
    target: { op: '<=', value: 0, unit: 'count' },
    samples: seen.before + seen.after,
    evidence: [
      ...new Set([
        ...faultEvidence(fault),
        ...[first, fault.wentOff].flatMap((event) => (event === undefined ? [] : eventId(event))),
        ...it.evidence.requests(seen.example),
      ]),
    ],
    cause,
    hint: hint(fault, seen),
  });
}

function title(fault: FaultFacts, cause: string | undefined): string {
  if (cause === undefined) return `${fault.name} took effect`;
  return fault.wentOff === undefined ? `${fault.name} is not proven` : `${fault.name} did not stay on`;
}

/** Did each fault really bite? Without that, nothing that stayed healthy means anything. */
export function judgeFaultEffects(it: Case): Finding[] {
  return it.facts.faults.map((fault) => judge(it, fault));
}
