import type { Guard } from './guard.ts';

/** At least one zone of one cluster is left alone: else nothing could take over. */
export const everyZone: Guard = {
  name: 'every zone',
  isLive: true,
  check: async ({ inputs, topology, faults }) => {
    const cut = new Set(faults.flatMap(({ plan }) => plan.cutsOff.map((zone) => `${plan.cluster}/${zone}`)));
    const isWhole = topology.clusters.every(({ name, zones }) => zones.every((zone) => cut.has(`${name}/${zone}`)));
    if (cut.size === 0 || !isWhole) return [];
    const detail = 'the faults cut off every zone of every cluster: nothing could take over';
    if (inputs.scenario.allow?.everyZone === true) {
      return [{ refused: false, detail: `${detail}, as spec.allow.everyZone says` }];
    }
    return [{ refused: true, detail, hint: 'Leave a zone alone; if an outage is meant: spec.allow.everyZone: true' }];
  },
};
