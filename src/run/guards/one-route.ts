import { isSameRoute, routeText } from '../../model/host-route.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { Guard, Ruling } from './guard.ts';

/** Of two faults that route one host for the same callers, the later one would do nothing. */
export const oneRoute: Guard = {
  name: 'one route',
  check: async ({ faults }) =>
    faults.flatMap((fault, index) => faults.slice(index + 1).flatMap((other) => meeting(fault, other))),
};

function meeting({ plan: one }: PlannedFault, { plan: other }: PlannedFault): Ruling[] {
  if (one.cluster !== other.cluster) return [];
  const shared = one.routes?.find((route) => other.routes?.some((taken) => isSameRoute(route, taken)));
  if (shared === undefined) return [];
  const detail = `faults ${one.fault} and ${other.fault} would both bring ${routeText(shared)} (cluster ${one.cluster}): only the older one counts`;
  return [
    { refused: true, detail, hint: 'Write one fault of both, or make two scenarios of them: run a.yaml b.yaml.' },
  ];
}
