import type { Chain } from '../../model/record.ts';
import type { Raw } from './record-file.ts';
import { ipOf, ZONES } from './world.ts';

/** Who answers a call of mockb: a pod of a zone (the first one by default), or nobody. */
export type Server = { readonly zone: string; readonly pod?: number } | 'nobody';

/** Requests through one gateway are answered by whom `choose` says; undefined leaves a request as it is. `t` is in seconds. */
export function answered(
  records: readonly Raw[],
  zone: string,
  choose: (t: number, seq: number) => Server | undefined,
): Raw[] {
  return records.map((record) => {
    if (record.path !== ZONES.indexOf(zone)) return record;
    const server = choose(record.start / 1e6, record.seq);
    return server === undefined ? record : answeredBy(record, zone, server);
  });
}

function answeredBy(record: Raw, zone: string, server: Server): Raw {
  const first = { service: 'mocka', zone, ip: ipOf('mocka', zone, 0) };
  const end = record.start + 4000;
  const response = { ended: 'response', error: undefined, end } as const;
  if (server === 'nobody') return { ...record, ...response, status: 503, chain: { hops: [first], rest: 'no answer' } };
  const { zone: place, pod = 0 } = server;
  const mockb = { service: 'mockb', zone: place, ip: ipOf('mockb', place, pod) };
  const mockc = { service: 'mockc', zone: place, ip: ipOf('mockc', place, 0) };
  return { ...record, ...response, status: 200, chain: { hops: [first, mockb, mockc], rest: '' } };
}

/** The same answers with other hops. */
export function rewritten(
  records: readonly Raw[],
  change: (hop: Chain['hops'][number]) => Chain['hops'][number],
): Raw[] {
  return records.map((record) => ({
    ...record,
    chain: record.chain && { ...record.chain, hops: record.chain.hops.map(change) },
  }));
}

/** The same answers without addresses. */
export const withoutAddresses = (records: readonly Raw[]): Raw[] => rewritten(records, (hop) => ({ ...hop, ip: '' }));
