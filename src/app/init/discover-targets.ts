import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { contextsIn, type KubeContext, ownKubeconfigs } from '../../kube/contexts.ts';
import { openCluster } from '../../kube/kubeconfig.ts';
import { FaultlineError } from '../../model/errors.ts';
import { systemClock } from '../../run/system-clock.ts';
import { starterTargets } from '../../scenario/index.ts';
import { discover, type Unknown } from '../../starter/discover.ts';
import { openTargetsText } from '../targets/index.ts';
import { type ChooseService, firstScenario } from './first-scenario.ts';

/** The text of both files, and what whoever reads them should know. */
type Discovered = { readonly targets: string; readonly scenario: string; readonly notes: readonly string[] };

/** Where contexts are looked for: in the given file, or where kubectl looks. */
export function kubeconfigFiles(given: string | undefined): readonly string[] {
  return given === undefined ? ownKubeconfigs() : [resolve(given)];
}

/** Finds contexts by their names, and names each cluster after its own. Throws NAME_UNKNOWN with all that there are. */
export function clustersOfContexts(names: readonly string[], kubeconfig: string | undefined): readonly Unknown[] {
  const files = kubeconfigFiles(kubeconfig);
  const known = contextsIn(files);
  const wanted = [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))];
  const missing = wanted.filter((name) => !known.some(({ context }) => context === name));
  if (wanted.length === 0 || missing.length > 0) {
    const there = known.map(({ context }) => context).join(', ');
    throw new FaultlineError('NAME_UNKNOWN', `no context ${missing.join(', ')} in ${files.join(', ')}`, {
      hint: there === '' ? 'It has no contexts: --kubeconfig names another file.' : `It has: ${there}`,
    });
  }
  const taken = new Set<string>();
  return wanted.flatMap((name) => {
    const found = known.find(({ context }) => context === name);
    return found === undefined ? [] : [unknownOf(found, clusterName(name, taken))];
  });
}

function unknownOf({ context, kubeconfig }: KubeContext, name: string): Unknown {
  const cluster = openCluster({ name, region: '', kubeconfig, context, gateways: [] }, systemClock);
  const isDefault = kubeconfig === join(homedir(), '.kube', 'config');
  return { cluster, context, kubeconfig: isDefault ? '~/.kube/config' : kubeconfig };
}

/** The last part of a name such as `arn:aws:eks:eu-west-1:1234:cluster/staging`, made unique. */
function clusterName(context: string, taken: Set<string>): string {
  const last = context.split(/[/:@]/).at(-1) ?? '';
  const base = last.replaceAll(/[^-._A-Za-z0-9]/g, '-').replaceAll(/^[-._]+|[-._]+$/g, '') || 'cluster';
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
  taken.add(name);
  return name;
}

/**
 * Reads clusters, and makes a targets file for them and a scenario for a Service of theirs. `file` is where the targets file
 * will be: paths count from there. Writes nothing.
 */
export async function discoverTargets(
  unknown: readonly Unknown[],
  file: string,
  service: string | undefined,
  choose: ChooseService | undefined,
): Promise<Discovered> {
  const { clusters, namespaces, gateways, notes } = await discover(unknown);
  const write = (faulty: readonly string[]) =>
    starterTargets({ clusters, namespaces: faulty, observe: { namespaces, gateways } });
  const open = openTargetsText(write(namespaces), file);
  try {
    const first = await firstScenario(open, service, choose);
    return { targets: write([first.namespace]), scenario: first.text, notes: [...notes, ...first.notes] };
  } finally {
    await open.close();
  }
}
