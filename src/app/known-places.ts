import type { Scenario } from '../model/scenario.ts';
import { checkPlaces, type KnownPlaces } from '../scenario/index.ts';
import { zonesIn } from './check-target.ts';
import { InvalidFile } from './load-files.ts';
import type { OpenTarget } from './targets/index.ts';

/**
 * Rejects with InvalidFile where a scenario names a cluster, region or zone that its target does not have. Zones of a
 * cluster that does not tell its nodes and pods are not looked at: whoever needs them says so.
 */
export async function refuseUnknownPlaces(scenario: Scenario, { target, clusters }: OpenTarget): Promise<void> {
  const known: KnownPlaces = await Promise.all(
    [...clusters.values()].map(async ({ cluster, gateways }) => {
      const gatewayZones = gateways.map(({ zone }) => zone);
      const seen = await zonesIn(cluster, target.observe).catch(() => undefined);
      const zones = seen === undefined ? {} : { zones: [...seen, ...gatewayZones].filter((zone) => zone !== '') };
      return { cluster: cluster.name, region: cluster.region, gatewayZones, ...zones };
    }),
  );
  const problems = checkPlaces(scenario, known);
  const { file, text } = scenario.source;
  if (problems.length > 0) throw new InvalidFile(file, problems, text);
}
