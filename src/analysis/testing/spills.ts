import type { Endpoint } from '../../model/target.ts';
import type { HistoryBuilder } from './history-builder.ts';
import type { Server } from './reroute.ts';
import { micros, type Story } from './told.ts';
import { endpointsOf } from './world.ts';

export const B: Server = { zone: 'north-b' };
export const C: Server = { zone: 'north-c' };
export const FAR: Server = { zone: 'south-h' };

/** Home until the effect at 10.2 s and after 32 s; 0.3 s of errors, the first answers from north-b, then what the test says. */
export const settled =
  (place: Story): Story =>
  (t, seq) => {
    if (t < 10.2 || t >= 32) return { zone: 'north-a', pod: seq % 2 };
    if (t < 10.5) return 'nobody';
    return t < 11 ? B : place(t, seq);
  };

/** Percentages of the calls to several servers, evenly mixed. */
export const mixed =
  (...parts: readonly (readonly [Server, number])[]): Story =>
  (_, seq) => {
    let slot = (seq * 37) % 100;
    for (const [server, percent] of parts) {
      slot -= percent;
      if (slot < 0) return server;
    }
    return 'nobody';
  };

/** The endpoints of mockb in Tokyo as observed at a time in seconds. */
export const observed =
  (t: number, change: (endpoint: Endpoint) => readonly Endpoint[]) =>
  (history: HistoryBuilder): void => {
    const endpoints = endpointsOf('tokyo').flatMap((e) => (e.service === 'mockb' ? change(e) : [e]));
    history.at(micros(t), { type: 'endpoints', cluster: 'tokyo', endpoints });
  };

/** Without the endpoints of a zone. */
export const gone =
  (zone: string) =>
  (endpoint: Endpoint): readonly Endpoint[] =>
    endpoint.zone === zone ? [] : [endpoint];
