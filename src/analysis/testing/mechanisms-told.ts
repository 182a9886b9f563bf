import { expect } from 'chai';
import type { FailureGroup } from '../../model/result.ts';
import { type Change, due, edit } from './changes.ts';
import { type Handmade, judged } from './handmade.ts';
import type { HistoryBuilder } from './history-builder.ts';
import { type RecordedHost, recorded } from './recorded-proxy.ts';
import { ipOf } from './world.ts';

/** What Envoy answers where no connection came about. */
export const REFUSED =
  'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure';
/** What it answers where it has no host that it may call. */
export const NO_HOST = 'no healthy upstream';

/** Numbers from `from` up to `to`, `perSecond` of them. */
export const times = (from: number, to: number, perSecond = 20): number[] =>
  Array.from({ length: Math.max(0, Math.round((to - from) * perSecond)) }, (_, i) => from + (i + 0.5) / perSecond);

/** The answers of a path in a stretch: mocka's chain ends with a text. */
export const ends =
  (text: string, code = 200): Change =>
  (record) => ({
    ...record,
    ended: 'response',
    status: code,
    error: undefined,
    chain: { hops: record.chain?.hops.slice(0, 1) ?? [], rest: text },
  });

/** The proxy that calls mockb on the path of a zone. */
export const MOCKA = (zone: string): string => `default/mocka-${zone}-0`;
/** A pod of mockb. */
export const host = (zone: string, more: Partial<RecordedHost> = {}, pod = 0): RecordedHost => ({
  ip: ipOf('mockb', zone, pod),
  zone,
  ...more,
});

type Bad = { readonly zone: string; readonly from: number; readonly to: number; readonly change: Change };

/** What a run with these bad requests, and with what its proxies told, says of them: by their caller's zone and words. */
export async function told(bad: readonly Bad[], tell: (history: HistoryBuilder) => void, run: Handmade = {}) {
  const result = await judged({
    callers: {},
    times: { undo: 18, undone: 19, end: 24 },
    ...run,
    records: (all) => edit(all, ...bad.map(({ zone, from, to, change }) => [due(zone, from, to), change] as const)),
    events: tell,
  });
  return { counted: result.budget.groups, others: result.badRequests?.groups ?? [], result };
}

/** The mechanisms of some groups, with how sure they are. */
export const kindsOf = (groups: readonly FailureGroup[]): (readonly string[])[] =>
  groups.map(({ mechanisms }) =>
    (mechanisms ?? [{ kind: 'absent', sure: '' }]).map(({ kind, sure }) => `${kind} ${sure}`),
  );

/** One bad stretch at mocka of north-a, told by its own proxy. */
export async function kinds(
  text: string,
  [from, to]: readonly [number, number],
  hosts: readonly RecordedHost[],
  more: Handmade & { phase?: number; code?: number } = {},
) {
  const { phase = 0.4, code = 200, ...run } = more;
  const bad = [{ zone: 'north-a', from, to, change: ends(text, code) }];
  const { counted } = await told(
    bad,
    (history) => {
      recorded(history, { pod: MOCKA('north-a'), zone: 'north-a', hosts, phase });
      run.events?.(history);
    },
    { ...run },
  );
  expect(counted).to.have.length(1);
  return counted[0] as FailureGroup;
}

/** The same, by their kinds. */
export const first = async (...all: Parameters<typeof kinds>) =>
  (await kinds(...all)).mechanisms?.map(({ kind, sure }) => `${kind} ${sure}`);

/** A neighbour that is well. */
export const AWAY = host('north-b', { priority: 1, served: times(13, 24) });
/** From when to when it was. */
export const ejected = (from: number, to?: number) => ({
  states: [{ from, ...(to !== undefined && { to }), ejected: true as const }],
});
