import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import { labParts } from '../parts.ts';
import type { LabCluster, LabNode } from '../topology.ts';
import { BALANCER } from './balancer.ts';
import { type LivingLab, lives, livingLab } from './living.ts';
import { enforcePolicies, joinCluster, machineName, startMachine } from './node.ts';
import { cniFolder } from './probes.ts';
import { runningClusters } from './running-topology.ts';
import { runningVersions } from './running-versions.ts';
import { recordedProcesses, recordedStart } from './state.ts';

type Where = { readonly folder: string; readonly clock: Clock };

/**
 * Starts again what of the lab has ended, as a machine's init does, and a machine as a whole where it has gone as a whole.
 * Resolves to the names. Rejects with LAB where that cannot be.
 */
export async function reviveLab(where: Where): Promise<string[]> {
  const lab = livingLab(where.folder);
  const dead = deadNames(lab);
  if (dead.includes(BALANCER)) {
    throw new FaultlineError('LAB', 'the balancer has ended, and with it the ways into the lab', {
      hint: 'faultline lab down, then up',
    });
  }
  const nodes = runningClusters(where.folder).flatMap((cluster) => cluster.nodes.map((node) => ({ cluster, node })));
  const lost = nodes.filter(({ node }) => dead.includes(machineName(node)));
  for (const { cluster, node } of lost) await restartNode(cluster, node, lab, where);
  for (const name of dead.filter((one) => !lost.some(({ node }) => one.startsWith(`${node.machine}-`)))) {
    const how = recordedStart(lab.state, name);
    if (how !== undefined) await lab.daemons.start({ name, ...how });
  }
  return dead;
}

function deadNames({ state }: LivingLab): string[] {
  return recordedProcesses(state).flatMap((one) => (lives(one) ? [] : [one.name]));
}

/** With the files that it was started with; its containers are made anew by its kubelet. */
async function restartNode(cluster: LabCluster, node: LabNode, { daemons }: LivingLab, where: Where): Promise<void> {
  const folder = join(where.folder, 'nodes', node.machine);
  const parts = await labParts(runningVersions(where.folder));
  const plugins = cniFolder();
  if (plugins === undefined) throw new FaultlineError('LAB', 'the CNI plug-ins are gone from this machine');
  const waiting = { clock: where.clock, signal: new AbortController().signal };
  const machine = await startMachine({ cluster, node, folder, parts, cniFolder: plugins }, daemons, waiting);
  const read = (name: string) => readFileSync(join(folder, `${name}.kubeconfig`), 'utf8');
  const access = {
    authority: join(where.folder, 'clusters', cluster.name, 'keys', 'ca.crt'),
    kubelet: read('kubelet'),
    kubeProxy: read('kube-proxy'),
    kubeRouter: read('kube-router'),
  };
  await joinCluster(machine, access, daemons);
  await enforcePolicies(machine, daemons);
}
