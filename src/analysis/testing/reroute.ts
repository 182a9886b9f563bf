import fc from 'fast-check';
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
  const response = { outcome: 'response', error: undefined, end } as const;
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

/** What differs between the runs of one property: the rate, the generated traffic, and a time of the fault, in seconds. */
export type Draw = { readonly rate: number; readonly seed: number; readonly at: number };

/** Checks a rule at several rates, seeds and positions; the same ones every time. */
export async function always(
  check: (draw: Draw) => Promise<void>,
  { from = 14, to = 18, rates = [10, 20, 50], runs = 4 } = {},
): Promise<void> {
  const draw = fc.record({
    rate: fc.constantFrom(...rates),
    seed: fc.nat(1_000_000),
    at: fc.integer({ min: from * 1000, max: to * 1000 }).map((ms) => ms / 1000),
  });
  await fc.assert(fc.asyncProperty(draw, check), {
    numRuns: Number(process.env.RUNS ?? runs),
    seed: Number(process.env.SEED ?? 7),
  });
}
