import type { Finding } from '../model/finding.ts';
import type { StoryLine } from '../model/result.ts';
import type { Case } from './case.ts';
import { count, list, secondsInterval } from './format.ts';
import { guidesOf, homeTime } from './guides.ts';
import { faultText } from './hints.ts';
import type { Judgements } from './judge.ts';

const MAX_LINES = 5;

function baselineLine(findings: readonly Finding[]): StoryLine[] {
  const steady = findings.find((finding) => finding.id === 'steadyState/good');
  return steady === undefined ? [] : [{ at: 0, text: steady.story, link: `#${steady.id}` }];
}

function faultLine(it: Case, findings: readonly Finding[]): StoryLine[] {
  const first = it.outcomes[0];
  if (first === undefined) return [{ text: 'Nothing was injected.', link: '#timeline' }];
  const names = it.outcomes.flatMap(({ stage }) => stage.faults.map((fault) => fault.name));
  const unproven = findings.filter((finding) => finding.objective === 'faultEffect' && finding.verdict !== 'pass');
  const effect = findings.find((finding) => finding.objective === 'faultEffect');
  const text =
    unproven.length > 0
      ? `${list(names)} ${names.length === 1 ? 'was' : 'were'} injected, but ${unproven[0]?.cause ?? 'not proven'}.`
      : it.outcomes.map(faultText).join(' Then: ');
  return [{ at: first.zero, text, link: `#${(unproven[0] ?? effect)?.id ?? 'timeline'}` }];
}

function impactLine(it: Case, findings: readonly Finding[]): StoryLine[] {
  const impacted = it.outcomes.flatMap(({ paths }) => paths.filter((path) => path.span !== undefined));
  const zero = it.outcomes[0]?.zero;
  if (zero === undefined) return [];
  if (impacted.length === 0)
    return [{ at: zero, text: 'No path saw a bad request while the faults were on.', link: '#recovery' }];
  const length = (path: (typeof impacted)[number]): number => path.span?.hi ?? Number.POSITIVE_INFINITY;
  const worst = impacted.reduce((a, b) => (length(b) > length(a) ? b : a));
  const { lo, hi } = worst.span ?? { lo: 0, hi: null };
  const target = it.scenario.expect.recoveryTime;
  const took = secondsInterval(lo, hi, target && target.withinMs * 1000);
  const bad = impacted.reduce((sum, path) => sum + path.tracker.bad, 0);
  const what = `${count(bad, 'bad request')} on ${list([...new Set(impacted.map((path) => path.path.id))])}`;
  const text =
    hi === null
      ? `${what}; ${worst.path.id} had not recovered after ${took.replace('more than ', '')}.`
      : `${what}; the slowest recovery took ${took}.`;
  const id = findings.find((finding) => finding.objective === 'recoveryTime' && finding.subject === worst.path.id)?.id;
  return [{ at: worst.tracker.firstBad?.due ?? zero, text, link: `#${id ?? 'recovery'}` }];
}

function orderLine(it: Case, { findings, ladders }: Judgements): StoryLine[] {
  const order = findings.filter((finding) => finding.objective === 'failoverOrder');
  const told =
    order.find((finding) => finding.verdict === 'fail') ??
    order.find((finding) => finding.verdict !== 'pass') ??
    order[0];
  if (told === undefined || it.outcomes.length === 0) return [];
  const moved = guidesOf(it, ladders).find(({ id }) => id === 'T2')?.at;
  return [{ ...(moved !== undefined && { at: moved }), text: told.story, link: `#${told.id}` }];
}

function endLine(it: Case, { putBack, findings }: Judgements): StoryLine[] {
  const { undone } = it.facts;
  if (it.outcomes.length === 0 && putBack.state !== 'incomplete') return [];
  const home = homeTime(it);
  const homeText =
    undone === undefined || home === undefined
      ? ''
      : ` Callers were home ${((home - undone) / 1e6).toFixed(2)} s later.`;
  const after = findings.find((finding) => finding.id === 'steadyState/after' && finding.verdict !== 'pass');
  const afterText = after === undefined ? '' : ` ${after.story}`;
  return [
    {
      ...(undone !== undefined && { at: undone }),
      text: `${putBack.detail}${homeText}${afterText}`,
      link: '#rollback',
    },
  ];
}

/** What happened, in time order. */
export function storyOf(it: Case, judgements: Judgements): StoryLine[] {
  const { findings } = judgements;
  return [
    ...baselineLine(findings),
    ...faultLine(it, findings),
    ...impactLine(it, findings),
    ...orderLine(it, judgements),
    ...endLine(it, judgements),
  ].slice(0, MAX_LINES);
}
