import type { RequestRecord } from '../../model/record.ts';
import type { Micros } from '../../model/units.ts';
import type { Facts } from '../timeline/history.ts';

/** A path's schedule numbers its requests from 0, evenly by the rate: ten times as many is no schedule of this run. */
const TOO_MANY = 10;

/**
 * Tells records that cannot be of this run from their numbers alone: due, or ended, longer after its last event than `slack`,
 * or numbered more than ten times as high as the rate allows up to a second after they were due. A history that goes on
 * sets no such time, and one without its first event tells no rate. `rate`: of the record's path.
 */
export function foreignTo(facts: Facts, slack: Micros): (record: RequestRecord, rate: number) => boolean {
  const latest = facts.ended ? facts.end + slack : Number.POSITIVE_INFINITY;
  const isRateKnown = facts.events.some(({ type }) => type === 'run-start');
  const most = isRateKnown ? TOO_MANY / 1e6 : Number.POSITIVE_INFINITY;
  return ({ seq, due, end }, rate) => due > latest || end > latest || seq > most * rate * (due + 1e6);
}
