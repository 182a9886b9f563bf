import type { Chain } from '../../model/record.ts';
import type { Raw } from './record-file.ts';
import { ipOf, PODS_PER_ZONE, ZONES } from './world.ts';

/** What callers of mockb in one zone meet. Times in microseconds. */
export type Caller = {
  /** Stretches in which their calls fail. */
  readonly failures: readonly (readonly [number, number])[];
  readonly mode: 'text' | '503' | 'timeout';
  /** Only every second call fails, because one of two pods is well. */
  readonly isPartial: boolean;
  /** When they are served elsewhere instead of at home. */
  readonly away: readonly [number, number] | undefined;
};

export type Mesh = {
  readonly callers: ReadonlyMap<string, Caller>;
  /** The zone that serves mockb to callers that are away. */
  readonly place: (t: number) => string;
};

const TIMEOUT = 2e6;
const ERROR_TEXT =
  'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused';

const isIn = (t: number, [from, to]: readonly [number, number]): boolean => t >= from && t < to;

type Answer = Pick<Raw, 'ended' | 'status' | 'error' | 'chain'> & { readonly took: number };

function answer(mesh: Mesh, zone: string, t: number, seq: number, random: () => number): Answer {
  const caller = mesh.callers.get(zone);
  const pod = (): number => Math.floor(random() * PODS_PER_ZONE);
  const hop = (service: string, at: string, index = pod()): Chain['hops'][number] => ({
    service,
    zone: at,
    ip: ipOf(service, at, index),
  });
  const took = 2000 + random() * 6000 + (random() < 0.01 ? random() * 60_000 : 0);
  const first = hop('mocka', zone, 0);
  const isFailing = caller?.failures.some((stretch) => isIn(t, stretch)) === true;
  if (isFailing && (!caller?.isPartial || seq % 2 === 0)) return failure(caller?.mode ?? 'text', first, took);
  const isAway = caller?.away !== undefined && isIn(t, caller.away);
  const place = isAway ? mesh.place(t) : zone;
  const isLeft = caller?.isPartial === true && caller.away !== undefined && isIn(t, caller.away);
  const second = hop('mockb', place, isLeft && place === zone ? 1 : pod());
  return {
    ended: 'response',
    status: 200,
    error: undefined,
    chain: { hops: [first, second, hop('mockc', place)], rest: '' },
    took,
  };
}

function failure(mode: Caller['mode'], first: Chain['hops'][number], took: number): Answer {
  if (mode === 'timeout') return { ended: 'error', status: 0, error: 'timeout', chain: undefined, took: TIMEOUT };
  const chain = { hops: [first], rest: ERROR_TEXT };
  return { ended: 'response', status: mode === 'text' ? 200 : 503, error: undefined, chain, took };
}

/** All requests of a run, in the jittered order of their ends, as an engine writes them. */
export function simulate(mesh: Mesh, rate: number, end: number, random: () => number): Raw[] {
  const records: { readonly at: number; readonly record: Raw }[] = [];
  ZONES.forEach((zone, path) => {
    const phase = (path / ZONES.length) * (1e6 / rate) * 0.9;
    for (let seq = 0; ; seq++) {
      const due = Math.floor(phase + (seq * 1e6) / rate);
      if (due >= end) break;
      const start = due + Math.floor(50 + random() * 1500);
      const { took, ...rest } = answer(mesh, zone, start + 500, seq, random);
      const stop = rest.error === 'timeout' ? due + TIMEOUT : start + Math.floor(took);
      records.push({
        at: stop + random() * 20_000,
        record: { path, seq, due, start, end: stop, text: -1, fresh: false, ...rest },
      });
    }
  });
  return records.sort((a, b) => a.at - b.at).map(({ record }) => record);
}
