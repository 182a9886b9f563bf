import type { Micros } from '../../model/units.ts';
import type { Facts } from '../timeline/history.ts';

/** A proxy that comes or goes is not read for some seconds: its calls are few. */
const BRIEF: Micros = 10_000_000;

/** Calls of a proxy are lost that began to count anew, as far as it was not read just before that: few, where it was. */
const LOST: Micros = 3_000_000;

/** Why what the callers' proxies counted may not be all calls: some of them were not read for long. Undefined where all were. */
export function proxyGaps(facts: Facts): string | undefined {
  const end = facts.undone ?? facts.end;
  const gaps = facts.header.topology.clusters.flatMap(({ name }) => {
    const told = facts.callsTelemetry.filter((event) => event.cluster === name && event.t < end);
    if (told.length === 0) return [`the proxies of ${name} were not read`];
    const long = told.find(({ t, readable, callers }, i) => {
      const isWhole = readable && callers.answered >= callers.known;
      return !isWhole && Math.min(end, told[i + 1]?.t ?? end) - t >= BRIEF;
    });
    return long === undefined ? [] : [`${name}: ${long.detail}`];
  });
  const lost = facts.calls.find(({ anew, from, to }) => anew === true && to - from > LOST && from < end);
  if (lost !== undefined) {
    const { pod, from, to } = lost;
    gaps.push(`${pod} began to count anew between two readings ${((to - from) / 1e6).toFixed(1)} s apart`);
  }
  return gaps.length === 0 ? undefined : `not every calling proxy was read: ${gaps.join('; ')}`;
}
