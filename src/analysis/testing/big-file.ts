import { emptyRecord, encodeChain, encodeHeader, encodePath, encodeRequest } from '../../model/record-codec.ts';
import { seeded } from './record-file.ts';
import { ipOf, pathOf, ZONES } from './world.ts';

const PER_TEXT = 20_000;

/**
 * A record file of any size, in pieces, without keeping it: five paths, chains at home and, between 20 % and 60 % of
 * the time, away for north-a; ends jitter, so neighbours come in swapped order.
 */
export function* recordLines(records: number, rate: number, seconds: number): Generator<string> {
  const random = seeded(42);
  yield encodeHeader({ format: 'faultline/requests', v: 1, engine: 'generated' });
  yield ZONES.map((zone, index) => encodePath(index, pathOf(zone))).join('');
  const places = [...ZONES, 'north-b'];
  yield places
    .map((place, index) => {
      const zone = index < ZONES.length ? place : 'north-a';
      const hops = [
        { service: 'mocka', zone, ip: ipOf('mocka', zone, 0) },
        { service: 'mockb', zone: place, ip: ipOf('mockb', place, 1) },
        { service: 'mockc', zone: place, ip: ipOf('mockc', place, 1) },
      ];
      return encodeChain(index, { hops, rest: '' });
    })
    .join('');
  const record = emptyRecord();
  let lines: string[] = [];
  for (let i = 0; i < records; i++) {
    const path = i % ZONES.length;
    const swapped = Math.floor(i / ZONES.length) ^ 1;
    const seq = swapped * ZONES.length < records ? swapped : Math.floor(i / ZONES.length);
    const due = Math.floor((seq * 1e6) / rate);
    const share = due / (seconds * 1e6);
    const isAway = path === 0 && share > 0.2001 && share < 0.601;
    Object.assign(record, {
      path,
      seq,
      due,
      start: due + 90,
      outcome: 'response',
      status: 200,
      chain: isAway ? ZONES.length : path,
    });
    record.end = due + 2000 + Math.floor(random() * 4000);
    lines.push(encodeRequest(record));
    if (lines.length === PER_TEXT) {
      yield lines.join('');
      lines = [];
    }
  }
  yield lines.join('');
}
