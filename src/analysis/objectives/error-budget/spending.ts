import { rulesOf } from '../../../model/good.ts';
import type { Budget, Tally } from '../../../model/result.ts';
import type { CallingPod } from '../../facts/callers.ts';
import type { Case } from '../../facts/case.ts';
import { mostOf } from '../../facts/extremes.ts';
import { failureGroups } from '../../facts/failure-groups.ts';
import { addressOf } from '../../facts/pod-address.ts';
import type { Charged } from '../../facts/weigh.ts';
import { weighHome } from '../../facts/weigh-home.ts';
import type { PathStream } from '../../ingest/path.ts';
import { unseenRequests } from '../../timeline/silence.ts';
import { within } from '../../timeline/windows.ts';

/** Bad requests of one path or caller, and those of them that noise, or a generator that sent several at once, may explain. */
export type Spent = { bad: number; doubtful: number };

/** Those of one caller; `guessed` are certain, but no answer tells whether they were this caller's or another's. */
type CallerSpent = Spent & { readonly zone: string; guessed: number };

/** Errors of a path that the budget is charged with, by group, in the stages and on the way home. */
function chargedOf(run: Case, path: PathStream, index: number): Charged[] {
  const stages = run.outcomes.flatMap(({ paths }) => paths[index]?.charged ?? []);
  return [...stages, ...weighHome(run, path)];
}

function spentOf(charged: readonly Charged[], byCaller: Map<string, CallerSpent>): Spent {
  const spent = { bad: 0, doubtful: 0 };
  for (const { outage, weight } of charged) {
    for (const { caller, bad, crowded, guessed } of outage.callers.values()) {
      const row = byCaller.get(caller.id) ?? { bad: 0, doubtful: 0, guessed: 0, zone: caller.zone };
      if (weight === 'certain') row.guessed += guessed;
      byCaller.set(caller.id, row);
      for (const one of [spent, row]) {
        one.bad += bad;
        one.doubtful += weight === 'certain' ? crowded : bad;
      }
    }
  }
  return spent;
}

/** Calls that each caller would have had in the stages, had all been asked alike, below which none at all may be chance. */
const FEW_CALLS = 10;

/** Calling pods that called before the first fault, and nobody while faults were on, although others did so often (S4). */
function notAsked(run: Case): string[] {
  const hit = run.facts.faults.flatMap((fault) => fault.affected.flatMap((pod) => run.pods.serviceOf(pod) ?? []));
  const gone = new Set(run.facts.faults.flatMap((fault) => fault.affected.map(addressOf)));
  const ids = [...new Set(hit)].flatMap((service) => {
    const { before, during, calls } = run.listeners.callers.of(service);
    const isCaller = (caller: CallingPod): boolean => {
      const peers = [...before.values()].filter((pod) => pod.zone === caller.zone).length;
      return !gone.has(addressOf(caller)) && (calls.get(caller.zone) ?? 0) / peers >= FEW_CALLS;
    };
    return [...before].filter(([id, pod]) => isCaller(pod) && !during.has(id)).map(([id]) => id);
  });
  return [...new Set(ids)].sort();
}

/** Errors that no answer tells the caller of may be shared among the gateway and the pods of its zone that call anybody. */
function leastOfCaller(run: Case, { bad, doubtful, guessed, zone }: CallerSpent): number {
  const told = bad - doubtful - guessed;
  if (guessed === 0) return told;
  const chains = rulesOf(run.scenario.load).all.map(({ chain }) => chain.slice(1));
  const called = [...new Set(chains.flat())].flatMap((service) => [...run.listeners.callers.of(service).before]);
  const pods = new Set(called.filter(([, pod]) => pod.zone === zone).map(([id]) => id));
  const counted = run.callingProxies.filter((proxy) => proxy.zone === zone).length;
  return Math.max(told, Math.ceil((told + guessed) / (1 + Math.max(pods.size, counted))));
}

/** What the run spent, and what of it the budget is charged with on each path, in the order of the budget's rows. */
export type Spending = {
  readonly budget: Budget;
  readonly charged: readonly Spent[];
  /** What one caller spent at least. */
  readonly leastPerCaller: number;
};

/** What the run spent between the first injection request and the end of the undo, plus one timeout. */
export function spendingOf(run: Case): Spending {
  const window = run.windows.budget;
  const segments = within(run.segments, window);
  const byCaller = new Map<string, CallerSpent>();
  const charged = run.paths.map((path, index) => spentOf(chargedOf(run, path, index), byCaller));
  const paths = run.paths.map((path, index) => {
    const tally = run.listeners.tallies.of([path], segments);
    const { bad, doubtful } = charged[index] as Spent;
    const noise = run.facts.firstInject === undefined ? 0 : Math.max(0, tally.bad - bad);
    const unknown = tally.unknown + unseenRequests(run.facts, path, window);
    return { path: path.id, good: tally.good, bad: tally.bad, unknown, doubtful: doubtful + noise };
  });
  const callers = [...byCaller].map(([caller, { bad, doubtful, zone }]) => ({ caller, bad, doubtful, zone }));
  const total = (pick: (row: Tally) => number): number => paths.reduce((sum, row) => sum + pick(row), 0);
  const groups = run.listeners.failures.list((group) => group.counts);
  const budget = {
    window,
    good: total(({ good }) => good),
    bad: total(({ bad }) => bad),
    unknown: total(({ unknown }) => unknown),
    paths,
    callers: callers.sort((a, b) => b.bad - a.bad || (a.caller < b.caller ? -1 : 1)),
    notAsked: notAsked(run),
    groups: failureGroups(groups, run.collector.texts),
  };
  const least = [...byCaller.values()].map((row) => leastOfCaller(run, row));
  return { budget, charged, leastPerCaller: mostOf(least, 0) };
}
