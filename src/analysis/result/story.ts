import type { Finding } from '../../model/finding.ts';
import type { StoryLine } from '../../model/result.ts';
import type { Case } from '../facts/case.ts';
import { count, list, secondsInterval } from '../facts/format.ts';
import { faultText } from '../objectives/hints.ts';
import type { Judgements } from '../objectives/judge.ts';
import { abortLine } from './aborts.ts';
import { guidesOf, homeTime } from './guides.ts';

const MAX_LINES = 6;

function baselineLine(findings: readonly Finding[]): StoryLine[] {
  const steady = findings.find((finding) => finding.id === 'steadyState/good');
  return steady === undefined ? [] : [{ at: 0, text: steady.story, link: `#${steady.id}` }];
}

function faultLine(run: Case, findings: readonly Finding[]): StoryLine[] {
  const first = run.outcomes[0];
  if (first === undefined) return [{ text: 'Nothing was injected.', link: '#timeline' }];
  const names = run.outcomes.flatMap(({ stage }) => stage.faults.map((fault) => fault.name));
  const unproven = findings.filter((finding) => finding.objective === 'faultEffect' && finding.verdict !== 'pass');
  const effect = findings.find((finding) => finding.objective === 'faultEffect');
  const text =
    unproven.length > 0
      ? `${list(names)} ${names.length === 1 ? 'was' : 'were'} injected, but ${unproven[0]?.cause ?? 'not proven'}.`
      : run.outcomes.map(faultText).join(' Then: ');
  return [{ at: first.effect.hi, text, link: `#${(unproven[0] ?? effect)?.id ?? 'timeline'}` }];
}

function impactLine(run: Case, findings: readonly Finding[]): StoryLine[] {
  const zero = run.outcomes[0]?.effect.hi;
  if (zero === undefined) return [];
  const impacted = run.outcomes.flatMap(({ paths }) =>
    paths.flatMap((path) =>
      path.worst === undefined || path.measured === undefined
        ? []
        : [{ ...path, worst: path.worst, measured: path.measured }],
    ),
  );
  if (impacted.length === 0)
    return [{ at: zero, text: 'No path was impacted while the faults were on.', link: '#recovery' }];
  const length = (path: (typeof impacted)[number]): number => path.measured.hi ?? Number.POSITIVE_INFINITY;
  const slowest = impacted.reduce((a, b) => (length(b) > length(a) ? b : a));
  const { lo, hi } = slowest.measured;
  const target = run.scenario.expect.recoveryTime;
  const took = secondsInterval(lo, hi, target && target.withinMs * 1000);
  const bad = impacted.reduce((sum, path) => sum + path.tracker.bad, 0);
  const what = `${count(bad, 'bad request')} on ${list([...new Set(impacted.map((path) => path.path.id))])}`;
  const text =
    slowest.state === 'not-recovered'
      ? `${what}; ${slowest.path.id} had not recovered after ${took.replace('more than ', '')}.`
      : `${what}; the slowest recovery took ${took}.`;
  const id = findings.find(({ objective, subject }) => objective === 'recoveryTime' && subject === slowest.path.id)?.id;
  return [{ at: slowest.worst.from, text, link: `#${id ?? 'recovery'}` }];
}

function orderLine(run: Case, { findings, ladders }: Judgements): StoryLine[] {
  const order = findings.filter((finding) => finding.objective === 'failoverOrder');
  const told =
    order.find((finding) => finding.verdict === 'fail') ??
    order.find((finding) => finding.verdict !== 'pass') ??
    order[0];
  if (told === undefined || run.outcomes.length === 0) return [];
  const moved = guidesOf(run, ladders).find(({ id }) => id === 'T2')?.at;
  return [{ ...(moved !== undefined && { at: moved }), text: told.story, link: `#${told.id}` }];
}

function endLine(run: Case, { putBack, findings }: Judgements): StoryLine[] {
  const { undone } = run.facts;
  if (run.outcomes.length === 0 && putBack.state !== 'incomplete') return [];
  const home = homeTime(run);
  const homeText =
    undone === undefined || home === undefined
      ? ''
      : ` Callers were home ${((home - undone) / 1e6).toFixed(2)} s later.`;
  const after = findings.find(
    (finding) => (finding.id === 'steadyState/after' || finding.objective === 'wayHome') && finding.verdict !== 'pass',
  );
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
export function storyOf(run: Case, judgements: Judgements): StoryLine[] {
  const { findings } = judgements;
  return [
    ...baselineLine(findings),
    ...faultLine(run, findings),
    ...impactLine(run, findings),
    ...orderLine(run, judgements),
    ...abortLine(run.facts.events),
    ...endLine(run, judgements),
  ].slice(0, MAX_LINES);
}
