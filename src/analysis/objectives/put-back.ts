import type { Finding, Verdict } from '../../model/finding.ts';
import type { TouchedObject } from '../../model/history.ts';
import { unseenText, whyUnseen } from '../../model/leftover.ts';
import { acceptCommand, objectText, recoverOf } from '../../model/recover-command.ts';
import type { PutBack } from '../../model/result.ts';
import { isAsBefore } from '../../model/touched-object.ts';
import type { Case } from '../facts/case.ts';
import { eventId, faultEvidence } from '../facts/evidence.ts';
import { count, list } from '../facts/format.ts';
import type { Facts, FaultFacts } from '../timeline/history.ts';
import { finding } from './finding.ts';
import { invariant } from './objective.ts';

function isInjected(fault: FaultFacts): boolean {
  return fault.events.length > 0;
}

/** What is wrong with the undo of one fault; undefined when it is undone. */
function problem(fault: FaultFacts): string | undefined {
  if (fault.undo === undefined) return `${fault.name} was injected and its undo never ended`;
  if (fault.undo.step !== 'undone') {
    return `the undo of ${fault.name} ended ${fault.undo.step}${fault.undo.detail === undefined ? '' : `: ${fault.undo.detail}`}`;
  }
  if (fault.undo.objects === undefined) return `the undo of ${fault.name} does not say what it has put back`;
  const objects = fault.undo.objects.filter((object) => !isAsBefore(object));
  return objects.length === 0
    ? undefined
    : `${list(objects.map((object) => `${object.kind} ${object.namespace}/${object.name}`))} of ${fault.name} ${objects.length === 1 ? 'was' : 'were'} not put back`;
}

/** Clusters that were touched and not searched for leftovers after the last undo. */
function unsearched(facts: Facts, injected: readonly FaultFacts[]): string[] {
  const clusters = new Set(injected.flatMap((fault) => fault.header?.cluster ?? []));
  const searched = new Set(
    facts.leftovers.filter((event) => event.t >= (facts.undone ?? 0)).map((event) => event.cluster),
  );
  if (injected.length > 0 && facts.leftovers.length === 0) return clusters.size > 0 ? [...clusters] : ['any cluster'];
  return [...clusters].filter((cluster) => !searched.has(cluster));
}

/**
 * Whether everything was put back, as the undo events and the search for leftovers say. `after`: the judgement of the
 * requests at the end.
 */
export function putBackOf(facts: Facts, after: Verdict | undefined): PutBack {
  const injected = facts.faults.filter(isInjected);
  const last = new Map(facts.leftovers.map((event) => [event.cluster, event]));
  const leftovers = [...last.values()].flatMap(({ cluster, objects }) =>
    objects.map((object) => ({ cluster, ...object })),
  );
  const left = leftovers.filter((one) => whyUnseen(one) === undefined);
  const problems = [
    ...injected.flatMap((fault) => problem(fault) ?? []),
    ...(left.length > 0 ? [`${count(left.length, 'object')} left behind: ${list(left.map(refText))}`] : []),
    ...leftovers.flatMap((one) =>
      left.includes(one) ? [] : [`nobody could look for leftovers ${unseenText(one)} after the undo`],
    ),
    ...unsearched(facts, injected).map((cluster) => `nobody looked for leftovers in ${cluster} after the undo`),
  ];
  const objects = injected.flatMap((fault) => fault.objects);
  const state = problems.length > 0 ? 'incomplete' : injected.length === 0 ? 'nothing-injected' : 'put-back';
  return {
    state,
    objects,
    leftovers,
    steadyAfter: after === 'pass' ? true : after === 'fail' ? false : null,
    detail: `${state === 'incomplete' ? `${problems.join('; ')}.` : detail(state, objects)}${unreadText([...last.values()])}`,
  };
}

function refText({ ref, held }: PutBack['leftovers'][number]): string {
  return held === undefined ? ref : `${ref}, which ${held}`;
}

function detail(state: 'put-back' | 'nothing-injected', objects: readonly TouchedObject[]): string {
  if (state === 'nothing-injected') return 'Nothing was injected, so there was nothing to put back.';
  const checked = objects.length === 0 ? '' : `${count(objects.length, 'object')} checked, `;
  return `Every fault was undone, ${checked}nothing left behind.`;
}

/** Where no fault was, and nobody could look whether something of the run was carried there. */
function unreadText(searches: Facts['leftovers']): string {
  const each = searches.flatMap(({ cluster, unread }) => (unread === undefined ? [] : [`${cluster} (${unread})`]));
  return each.length === 0
    ? ''
    : ` Copies of what carried its mark, which others may have made, could not be looked for in ${list(each)}.`;
}

function judge(run: Case, putBack: PutBack): Finding {
  const injected = run.facts.faults.filter(isInjected);
  const isBad = putBack.state === 'incomplete';
  return finding({
    objective: 'putBack',
    subject: 'clusters',
    verdict: isBad ? 'fail' : 'pass',
    title: isBad ? 'Something was left behind' : 'Everything was put back',
    story: putBack.detail,
    samples: injected.length,
    evidence: [
      ...injected.flatMap((fault) => faultEvidence(fault).slice(-2)),
      ...run.facts.leftovers.map(eventId),
    ].slice(0, 20),
    cause: putBack.detail,
    hint: nextStep(run.facts, putBack),
  });
}

/** What to do first: with what somebody else has changed either way; what finishes the undo of a fault; what takes away what is left. */
function nextStep({ header, faults }: Facts, { objects, leftovers }: PutBack): string {
  const recover = recoverOf(header);
  const changed = objects.filter(({ state }) => state === 'conflict');
  if (changed.length > 0) {
    const names = changed.map(objectText);
    const byHand = leftovers.filter(({ ref }) => names.includes(ref)).map(({ command }) => command);
    const stands = names.length === 1 ? 'as it stands' : 'as they stand';
    const keep = `To leave ${names.join(' and ')} ${stands} now: ${acceptCommand(recover, changed)}`;
    return byHand.length === 0 ? keep : `${keep}. To put back what stood there before: ${byHand.join(', then ')}`;
  }
  const open = faults.flatMap(({ undo }) => undo?.commands ?? []);
  return open.length > 0 ? [...new Set(open)].join(', then ') : (leftovers[0]?.command ?? recover);
}

/** Nothing of ours may stay behind; a run that cannot show it fails. */
export const putBack = invariant({
  name: 'putBack',
  subject: 'clusters',
  title: 'Everything put back',
  counts: 'fault',
  asksForNone: true,
  withoutFault: true,
  judge: (run, shared) => [judge(run, shared.putBack())],
});
