import type { LintRule } from '../finding.ts';
import { zonesText } from '../whereabouts.ts';

/** The scenario's places are zones and regions of the targets file; Istio's are those of the nodes. */
export const regionUnequal: LintRule = {
  id: 'region-unequal',
  severity: 'warning',
  title: 'region or gateway zone of the targets file that the pods do not have',
  why: 'Istio orders by the region and zone of pods and nodes; a scenario speaks of those of the targets file. Where they differ, `order: [{region: ...}]` asks for a place that the mesh does not know (Istio `controller.go` getPodLocality).',
  change: 'Write the region and zones of the nodes into the targets file, or label the nodes.',
  check: ({ live, target }) =>
    target.clusters.flatMap(({ name, region, gateways }) => {
      const own = live.pods.filter(({ cluster, locality }) => cluster === name && locality.region !== '');
      const object = { cluster: name, kind: 'Targets', namespace: '', name: target.name };
      const regions = [...new Set(own.map(({ locality }) => locality.region))].sort();
      const doors = own.filter(({ gateway }) => gateway).map(({ locality }) => locality.zone);
      const lost = doors.length === 0 ? [] : gateways.filter(({ zone }) => !doors.includes(zone));
      return [
        ...(regions.length === 0 || regions.includes(region)
          ? []
          : [
              {
                object,
                field: `spec.clusters[${name}].region`,
                what: `The targets file puts ${name} in ${region}; its pods are in ${regions.join(', ')}.`,
                change: `Write region: ${regions[0]}.`,
              },
            ]),
        ...lost.map(({ zone }) => ({
          object,
          field: `spec.clusters[${name}].gateways`,
          what: `No gateway pod of ${name} is in ${zone}, whose address the targets file has: its callers are in ${zonesText(doors)}.`,
          change: 'Write the zone in which the pods behind that address are.',
        })),
      ];
    }),
};
