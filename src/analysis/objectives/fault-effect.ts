import type { Finding } from '../../model/finding.ts';
import type { Case } from '../facts/case.ts';
import type { Effect, Sighting } from '../facts/effects.ts';
import { eventId, faultEvidence } from '../facts/evidence.ts';
import { count, seconds } from '../facts/format.ts';
import { isAside, isDegraded } from '../facts/witnesses.ts';
import type { FaultFacts } from '../timeline/history.ts';
import { finding } from './finding.ts';
import { invariant } from './objective.ts';

/** A hint only where the record says which of these it is. */
function hint({ fault, seen }: Effect): string | undefined {
  if (fault.header?.signature === 'none') return 'For a drill, put the fault that is meant in its place.';
  if (fault.wentOff !== undefined) {
    return 'Somebody or something put the objects back while the fault was on: pause GitOps (Argo CD self-heal, Flux), operators and other people for the run.';
  }
  if (fault.requested === undefined || fault.proven === undefined) return undefined;
  return seen.after > 0
    ? 'What still answers was not hit: compare the affected pods in the plan with the pods behind the service (another Deployment, a rollout that kept the old pod, a policy that the network does not enforce).'
    : 'Point the load at a path through these pods, or the fault at pods behind the path.';
}

function story(effect: Effect): string {
  const { fault, doubt } = effect;
  if (doubt !== undefined) return `${fault.name}: ${doubt}.`;
  const delay = (fault.effective ?? 0) - (fault.acknowledged ?? 0);
  const proof = fault.needsWitness
    ? `The objects of ${fault.name} were read back`
    : `The cluster showed the effect of ${fault.name} ${seconds(Math.max(0, delay))} s after the acknowledgement`;
  return `${proof}; ${seenText(effect)}.`;
}

function seenText({ fault, seen }: Effect): string {
  if (isAside(fault)) return 'no answer tells of its pods';
  return isDegraded(fault) ? degradedText(seen) : witnessText(seen);
}

function degradedText({ before }: Sighting): string {
  return `${count(before, 'answer')} had come from its pods before, and while it is on they may go on answering`;
}

function witnessText({ before, certain }: Sighting): string {
  return certain === 0
    ? `${count(before, 'answer')} had come from where its pods are, but the answers do not tell whether from them`
    : `${count(certain, 'answer')} had come from its pods before, and none did while it was on`;
}

function title(fault: FaultFacts, doubt: string | undefined): string {
  if (fault.header?.signature === 'none') return `${fault.name} changes nothing`;
  if (doubt === undefined) return `${fault.name} took effect`;
  if (fault.requested === undefined) return `${fault.name} was not injected`;
  return fault.wentOff === undefined ? `${fault.name} is not proven` : `${fault.name} did not stay on`;
}

function judge(run: Case, effect: Effect): Finding {
  const { fault, seen, doubt } = effect;
  const proof = fault.events.find(({ step }) => step === 'proven');
  return finding({
    objective: 'faultEffect',
    subject: fault.name,
    verdict: doubt === undefined ? 'pass' : 'inconclusive',
    title: title(fault, doubt),
    story: story(effect),
    samples: seen.before + seen.after,
    evidence: [
      ...new Set([
        ...faultEvidence(fault),
        ...[proof, fault.wentOff].flatMap((event) => (event === undefined ? [] : eventId(event))),
        ...run.evidence.requests(seen.example),
      ]),
    ],
    cause: doubt,
    hint: hint(effect),
  });
}

/** Did each fault really bite? Without that, nothing that stayed healthy means anything. */
export const faultEffect = invariant({
  name: 'faultEffect',
  title: 'Fault effect',
  counts: 'request',
  asksForNone: true,
  grounds: true,
  judge: (run) => run.effects.all.map((effect) => judge(run, effect)),
});
