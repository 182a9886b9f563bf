import type { Diagnostic } from '../../model/errors.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Scenario } from '../../model/scenario.ts';
import { checkHosts, checkPlaces, type KnownPlaces, type KnownServices } from '../../scenario/index.ts';
import { zonesIn } from '../doctor/check-target.ts';
import { InvalidFile } from '../files/load-files.ts';
import type { OpenTarget } from '../targets/index.ts';

/**
 * Rejects with InvalidFile where a scenario names a cluster, region, zone or host of a fault that its target does not have.
 * Zones of a cluster that does not tell its nodes and pods are not looked at, and no Services where one does not tell them.
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
  const problems = [...checkPlaces(scenario, known), ...(await checkedHosts(scenario, { target, clusters }))];
  const { file, text } = scenario.source;
  if (problems.length > 0) throw new InvalidFile(file, problems, text);
}

type Opened = Pick<OpenTarget, 'target' | 'clusters'>;

/** Services are read for a fault that names a host, and for no other. */
async function checkedHosts(scenario: Scenario, open: Opened): Promise<Diagnostic[]> {
  const isAsked = scenario.faults.some(({ spec }) => spec.host !== undefined);
  return isAsked ? checkHosts(scenario, await servicesOf(open)) : [];
}

/** A cluster that does not let its Services be read is no reason to refuse. */
async function servicesOf({ target, clusters }: Opened): Promise<KnownServices> {
  const { namespaces } = target.observe;
  const lists = [...clusters.values()].flatMap(({ cluster }) =>
    namespaces.map((namespace) => cluster.list(KINDS.service, { namespace })),
  );
  try {
    const found = (await Promise.all(lists)).flat();
    return { namespaces, services: found.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`) };
  } catch {
    return { namespaces };
  }
}
