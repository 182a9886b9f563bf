import type { Verdict } from '../model/finding.ts';
import type { Flow, FlowPart, RunResult } from '../model/result.ts';
import type { Micros } from '../model/units.ts';
import { zonesByLabel } from '../model/zone-label.ts';

/** Whether a topology survives a failure: its objectives held, did not, or nobody knows. */
export type Survival = 'survived' | 'lost' | 'unknown';

/** What calls between services cost while one thing was so: shares of all good calls, 0 to 1. */
export type Crossings = {
  /** To another zone of the region. */
  readonly zones: number;
  readonly regions: number;
};

/** What a scenario of the matrix says of itself. */
export type Entry = {
  readonly scenario: string;
  readonly topology: string;
  readonly failure: string;
  /** As `--expect` has it. */
  readonly expected: string;
  /** The sentence that the outcome proves or refutes. */
  readonly claim?: string;
};

/** One topology under one failure. */
export type Cell = Entry & {
  readonly runId: string;
  /** Page of the run, relative to the matrix. */
  readonly report: string;
  readonly survival: Survival;
  readonly asExpected: boolean;
  readonly verdict: Verdict;
  /** Whether the run went to its end: otherwise its numbers say nothing of the failure. */
  readonly completed: boolean;
  readonly reason: string;
  readonly bad: number;
  readonly total: number;
  /** From the fault's effect until the last of the paths that came back was served again; absent where none had to. */
  readonly recovery?: { readonly lo: Micros; readonly hi: Micros };
  /** Paths that were not served again before the undo, of all. */
  readonly cutOff: { readonly paths: number; readonly of: number };
  /** Before the fault, and while it was on; absent where nobody counted calls. */
  readonly crossings?: { readonly before: Crossings; readonly during: Crossings };
  /** How many times its calls from before the busiest place had to serve; absent where that is not known. */
  readonly load?: number;
};

/** The cell of a run. `asExpected` is what `entry.expected` makes of it. */
export function cellOf(result: RunResult, entry: Entry, seen: { report: string; asExpected: boolean }): Cell {
  const { good, bad, unknown } = result.budget;
  const recovery = recoveryOf(result);
  const flows = result.flows ?? [];
  const costs = costsOf(flows, zonesByLabel(result.run.topology.clusters));
  return {
    ...entry,
    ...seen,
    runId: result.run.runId,
    survival: survivalOf(result),
    verdict: result.verdict,
    completed: result.status === 'completed',
    reason: result.reason,
    bad,
    total: good + bad + unknown,
    cutOff: cutOffIn(result),
    ...(recovery === undefined ? {} : { recovery }),
    ...costs,
  };
}

function survivalOf({ verdict, status }: RunResult): Survival {
  if (status !== 'completed' || verdict === 'inconclusive') return 'unknown';
  return verdict === 'pass' ? 'survived' : 'lost';
}

function recoveryOf({ recoveries }: RunResult): Cell['recovery'] {
  const times = recoveries.flatMap(({ state, recovered, effective }) => {
    if (state === 'not-recovered' || recovered === undefined || recovered.hi === null) return [];
    return [{ lo: Math.max(0, recovered.lo - effective), hi: Math.max(0, recovered.hi - effective) }];
  });
  return times.reduce<Cell['recovery']>(
    (worst, one) => (worst === undefined || one.hi > worst.hi ? one : worst),
    undefined,
  );
}

function cutOffIn({ recoveries, run }: RunResult): Cell['cutOff'] {
  const lost = recoveries.filter(({ state }) => state === 'not-recovered').map(({ path }) => path);
  return { paths: new Set(lost).size, of: run.topology.paths.length };
}

type Places = ReturnType<typeof zonesByLabel>;

function costsOf(flows: readonly Flow[], places: Places): Pick<Cell, 'crossings' | 'load'> {
  const before = flows.flatMap(({ parts }) => parts.filter(({ part }) => part === 'before'));
  const during = flows.flatMap(({ parts }) => parts.filter(({ part }) => part === 'stage'));
  const crossings = { before: crossingsOf(before, places), during: crossingsOf(during, places) };
  if (crossings.before === undefined || crossings.during === undefined) return {};
  const load = Math.max(...flows.map(growth));
  return {
    crossings: { before: crossings.before, during: crossings.during },
    ...(Number.isFinite(load) ? { load } : {}),
  };
}

function crossingsOf(parts: readonly FlowPart[], places: Places): Crossings | undefined {
  const calls = parts.flatMap((part) => part.calls);
  const sum = (of: typeof calls): number => of.reduce((all, { n }) => all + n, 0);
  const all = sum(calls);
  if (all === 0) return undefined;
  const zone = (label: string): string => places.get(label)?.zone ?? label;
  const away = calls.filter(({ from, to }) => zone(from) !== zone(to));
  const far = away.filter(({ from, to }) => places.get(from)?.region !== places.get(to)?.region);
  return { zones: (sum(away) - sum(far)) / all, regions: sum(far) / all };
}

/** How the calls that one place serves a second grew, at most. */
function growth({ parts }: Flow): number {
  const rates = (part: FlowPart): Map<string, number> => {
    const seconds = (part.end - part.start) / 1e6;
    const places = new Map<string, number>();
    for (const { to, n } of part.calls) places.set(to, (places.get(to) ?? 0) + n / seconds);
    return places;
  };
  const before = parts.find(({ part }) => part === 'before');
  if (before === undefined) return Number.NaN;
  const usual = rates(before);
  const stages = parts.filter(({ part }) => part === 'stage').map(rates);
  const grown = stages.flatMap((stage) => [...stage].map(([place, rate]) => rate / (usual.get(place) ?? Number.NaN)));
  return Math.max(...grown.filter((factor) => Number.isFinite(factor)));
}
