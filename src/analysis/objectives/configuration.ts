import type { Finding } from '../../model/finding.ts';
import type { Case } from '../facts/case.ts';
import { eventId, MAX_PER_FINDING } from '../facts/evidence.ts';
import { count, list } from '../facts/format.ts';
import { finding } from './finding.ts';
import { invariant } from './objective.ts';

const SHOWN = 3;

function judge({ facts }: Case): Finding | undefined {
  const events = facts.notActedOn.filter(({ objects }) => objects.length > 0);
  const told = events.flatMap(({ cluster, objects }) =>
    objects.map(({ ref, what }) => `${ref} in ${cluster}: ${what}`),
  );
  const all = [...new Set(told)];
  if (all.length === 0) return undefined;
  const rest = all.length > SHOWN ? [`${count(all.length - SHOWN, 'more object')} like these`] : [];
  const cause = list([...all.slice(0, SHOWN), ...rest]);
  return finding({
    objective: 'configuration',
    subject: 'target',
    verdict: 'inconclusive',
    title: 'The target does not act on its whole configuration',
    story: `The cluster took these settings and says itself that nothing acts on them: ${cause}. A mesh that acts on them may behave otherwise.`,
    samples: all.length,
    evidence: events.slice(0, MAX_PER_FINDING).map(eventId),
    cause,
    hint: 'Take these settings away, or run against a target that acts on them.',
  });
}

/** Does the target act on what it was told? What it says itself that it ignores makes every answer one about something else. */
export const configuration = invariant({
  name: 'configuration',
  subject: 'target',
  title: 'Configuration in effect',
  counts: 'setting',
  asksForNone: true,
  withoutFault: true,
  grounds: true,
  judge: (it) => [judge(it)],
});
