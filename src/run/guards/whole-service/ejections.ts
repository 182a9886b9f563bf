import type { Permission } from '../../../model/fault.ts';
import { type KubeObject, MESH_KINDS } from '../../../model/kubernetes.ts';
import type { Ratio } from '../../../model/units.ts';
import { ejectableBy } from '../../../predict/ejectable.ts';
import { configuredIn } from '../../../predict/needs.ts';
import { type Guarded, namespacesOf } from '../guard.ts';
import { type Cut, cutsOf, isAtPort, isTo } from './cuts.ts';
import type { Service } from './serving.ts';

const RULE = MESH_KINDS.destinationRules;

/** From this chance on that one failing answer begins a row of them, some caller sooner or later has such a row. */
const LEAST_CHANCE: Ratio = 1e-6;

const mayEject = (faults: Guarded['faults']): boolean =>
  faults.some(({ plan }) => plan.tolls.some(({ ejects }) => ejects !== undefined));

/** Where rules may be that decide what callers eject. */
function ruledIn({ inputs, faults }: Pick<Guarded, 'inputs' | 'faults'>): string[] {
  return mayEject(faults) ? [...new Set([...configuredIn(inputs.target.observe), ...namespacesOf(faults)])] : [];
}

/** What it asks of the API to know what callers eject: nothing where no fault lets them eject anybody. */
export function ejectionNeeds(guarded: Pick<Guarded, 'inputs' | 'faults'>): Permission[] {
  return ruledIn(guarded).map((namespace) => ({ ...RULE, verb: 'list', namespace }));
}

/** The DestinationRules of all clusters. Rejects where they cannot be read. */
export async function readRules(guarded: Pick<Guarded, 'inputs' | 'faults'>): Promise<KubeObject[]> {
  const namespaces = ruledIn(guarded);
  const lists = [...guarded.inputs.clusters.values()].flatMap(({ cluster }) =>
    namespaces.map((namespace) => cluster.list(RULE, { namespace })),
  );
  return (await Promise.all(lists)).flat();
}

/**
 * What faults of some requests take by ejection: a caller that hears so many failures in a row sends the pod nothing, not the
 * other requests either. Of each Service one, of as many pods as its rules let be ejected at once.
 */
export function ejectedFrom(
  services: readonly Service[],
  faults: Guarded['faults'],
  rules: readonly KubeObject[],
): Cut[] {
  const pods = services.flatMap((service) => service.pods);
  const cuts = cutsOf(faults, pods).filter(({ ejects }) => ejects !== undefined);
  return services.flatMap((service): Cut[] => {
    const own = cuts.filter((cut) => isAtPort(cut, service) && service.pods.some((pod) => isTo(cut, service, pod)));
    const chance = Math.max(0, ...own.map(({ ejects = 0 }) => ejects));
    const shares = ejectableBy(rules, service.name)
      .filter(({ inARow }) => chance ** inARow >= LEAST_CHANCE)
      .map(({ share }) => share);
    const most = Math.floor(service.pods.length * Math.max(0, ...shares));
    if (most === 0) return [];
    const to = new Set(service.pods.filter((pod) => own.some((cut) => isTo(cut, service, pod))).map(({ key }) => key));
    const fault = [...new Set(own.map((cut) => cut.fault))].join(' and ');
    const whom = { to, toService: service.name, by: undefined, open: { end: 'to' as const, most } };
    return [{ fault, share: 1, ejects: chance, ...whom }];
  });
}
