import type { Raw } from './record-file.ts';
import { CHAIN, ipOf, ZONES } from './world.ts';

const SECOND = 1e6;

/** Which records an edit is about. */
export type Is = (record: Raw) => boolean;

/** What a record becomes; undefined takes it out of the file. */
export type Change = (record: Raw) => Raw | undefined;

/** Requests of one zone's path that were due in [from, to), in seconds. */
export const due =
  (zone: string, from: number, to: number): Is =>
  (record) =>
    record.path === ZONES.indexOf(zone) && record.due >= from * SECOND && record.due < to * SECOND;

/** Every n-th of these, from the first on. */
export const every =
  (n: number, is: Is): Is =>
  (record) =>
    is(record) && record.seq % n === 0;

/** Errors now and then: each few in a row are too few for an outage and heal before the next, and there are many of them. */
export const scattered =
  (is: Is): Is =>
  (record) =>
    is(record) && record.seq % 34 < 9 && (record.seq % 34) % 4 === 0;

/** The first n of these, as they come. */
export function firstOf(n: number, is: Is): Is {
  let seen = 0;
  return (record) => is(record) && seen++ < n;
}

/** Changes records in the order of their due times; the file keeps its order. */
export function edit(records: readonly Raw[], ...edits: readonly (readonly [Is, Change])[]): Raw[] {
  let all: (Raw | undefined)[] = [...records];
  for (const [is, change] of edits) {
    const order = all.map((record, i) => ({ record, i })).sort((a, b) => (a.record?.due ?? 0) - (b.record?.due ?? 0));
    const hit = new Set(order.filter(({ record }) => record !== undefined && is(record)).map(({ i }) => i));
    all = all.map((record, i) => (record !== undefined && hit.has(i) ? change(record) : record));
  }
  return all.filter((record) => record !== undefined);
}

/** The call of the first service failed: it says so in its answer. */
export const upstreamError: Change = (record) => ({
  ...record,
  chain: { hops: record.chain?.hops.slice(0, 1) ?? [], rest: 'upstream connect error' },
});

/** An answer with another status; the whole chain stands in it. */
export const status =
  (code: number): Change =>
  (record) => ({ ...record, status: code });

/** No answer: the connection was reset; `text` points at the words of the error. */
export const reset =
  (text = -1): Change =>
  (record) => ({ ...record, ended: 'error', error: 'reset', status: 0, chain: undefined, text });

export const dropped: Change = (record) => ({
  ...record,
  ended: 'dropped',
  start: record.due,
  end: record.due,
  status: 0,
  error: undefined,
  chain: undefined,
});

/** Lost: the file does not have it, and the numbers of its path show that it was due. */
export const lost: Change = () => undefined;

/** A good answer of pods in these zones, one for each service of the chain. */
export const through =
  (...zones: readonly [string, string, string]) =>
  (record: Raw): Raw => ({
    ...record,
    ended: 'response',
    status: 200,
    error: undefined,
    chain: {
      hops: CHAIN.map((service, i) => ({ service, zone: zones[i] ?? '', ip: ipOf(service, zones[i] ?? '', 0) })),
      rest: '',
    },
  });

/** Bad in whatever way. */
export const isBad: Is = ({ ended, status: code, chain }) =>
  ended === 'error' || (ended === 'response' && (code !== 200 || chain?.rest !== ''));

/** Sent late, at a time in seconds, because the generator stood still; answered as fast as ever. */
export const sentAt =
  (t: number): Change =>
  (record) => ({ ...record, start: t * SECOND, end: t * SECOND + (record.end - record.start) });

/** A good answer whose service mockb prints another zone than the one of its address. */
export const lying =
  (printed: string): Change =>
  (record) => ({
    ...record,
    chain: {
      hops: (record.chain?.hops ?? []).map((hop) => (hop.service === 'mockb' ? { ...hop, zone: printed } : hop)),
      rest: '',
    },
  });
