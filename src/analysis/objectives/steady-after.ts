import type { Finding, Verdict } from '../../model/finding.ts';
import { type Case, finding, tally } from '../case.ts';
import { eventId } from '../evidence.ts';
import type { Example } from '../example.ts';
import { count, list, percent, seconds } from '../format.ts';
import { type Window, within } from '../segments.ts';
import { wilson } from '../stats.ts';

/** Requests named as evidence. */
const MAX_EXAMPLES = 5;

const TITLES: Readonly<Record<Verdict, string>> = {
  pass: 'Requests were good again at the end',
  fail: 'Requests were not good again at the end',
  inconclusive: 'It is not known whether requests were good again at the end',
};

/** The first bad requests of the window, or one good answer where none was bad. */
function examples(it: Case, window: Window): Example[] {
  const segments = within(it.segments, window);
  const bad = it.paths.flatMap((path) => segments.flatMap(({ index }) => path.firstBad[index] ?? []));
  if (bad.length > 0) return bad.sort((a, b) => a.due - b.due).slice(0, MAX_EXAMPLES);
  const plans = it.paths.flatMap((path) => path.plans.filter((plan) => plan?.kind.complete === true));
  const answers = plans.flatMap((plan) => segments.flatMap(({ index }) => plan?.first[index] ?? []));
  return answers.sort((a, b) => b.due - a.due).slice(0, 1);
}

type Judgement = { readonly verdict: Verdict; readonly cause?: string };

/** A generator that stood still makes good answers late, so it cannot show that the system is the one to blame. */
function judge(it: Case, good: number, all: number): Judgement {
  if (all === 0) return { verdict: 'inconclusive', cause: 'there are no requests at the end of the run' };
  if (wilson(good, all).hi >= it.scenario.expect.steadyState.goodAtLeast) return { verdict: 'pass' };
  const cause = 'the share of good requests is below the target';
  const degraded = it.facts.load?.degraded ?? [];
  return degraded.length === 0
    ? { verdict: 'fail', cause }
    : { verdict: 'inconclusive', cause: `${cause}, but ${list(degraded)}` };
}

/**
 * Were requests good again when the run ended? A guard and no objective: it fails only when the share is clearly below
 * the steady state's. Undefined where there is no such end: an unfinished run, no fault, no recover phase.
 */
export function judgeSteadyAfter(it: Case): Finding | undefined {
  const window = it.windows.after;
  if (window === undefined) return undefined;
  const target = it.scenario.expect.steadyState.goodAtLeast;
  const { good, bad } = tally(it, it.paths, window);
  const all = good + bad;
  const share = wilson(good, all);
  const { verdict, cause } = judge(it, good, all);
  const last = `the last ${seconds(window.end - window.start)} s of the run`;
  const undos = it.facts.faults.flatMap((fault) => fault.undo ?? []);
  return finding({
    objective: 'steadyState',
    subject: 'after',
    verdict,
    title: TITLES[verdict],
    story:
      all === 0
        ? `There are no requests in ${last}.`
        : `${good} of ${count(all, 'request')} in ${last} were good (${percent(good / all, target)}); at least ${percent(target)} is steady.`,
    ...(all > 0 && { measured: { lo: share.lo * 100, hi: share.hi * 100, unit: '%' as const } }),
    target: { op: '>=', value: target * 100, unit: '%' },
    samples: all,
    evidence: [...undos.map(eventId).slice(-4), ...it.evidence.requests(...examples(it, window))],
    cause,
    hint: 'Something stayed broken, or broke, after the undo: look at these requests and at the workloads as they are now. A system that needs longer to settle needs a longer phases.recover.',
  });
}
