import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCluster } from '../../../kube/kubeconfig.ts';
import type { Clock, PodCluster } from '../../../model/ports.ts';
import { assemble, INSIDES } from '../../../sandbox/assemble.ts';
import { CLUSTERS } from '../../testing/clusters.ts';
import { loopbackOf } from '../../topology.ts';
import { accessOf } from '../../up/access.ts';
import { LAB_FOLDER } from '../../up/state.ts';
import type { Zone } from './outage.ts';

/** A mesh that an outage is played on. */
export type Side = {
  readonly name: 'lab' | 'sandbox';
  readonly clusters: readonly PodCluster[];
  /** `host:port` of the gateway of each zone. */
  readonly gateways: ReadonlyMap<Zone, string>;
  readonly clock: Clock;
  close(): Promise<void>;
};

/** The cluster that a zone lies in. */
export function clusterOf({ clusters }: Side, zone: Zone): PodCluster {
  const found = clusters.find(({ region }) => zone.startsWith(region));
  if (found === undefined) throw new Error(`no cluster for zone ${zone}`);
  return found;
}

/** The lab, which must be up. */
export function labSide(clock: Clock): Side {
  const { kubeconfig } = accessOf(LAB_FOLDER);
  const clusters = CLUSTERS.map(({ name, region }) =>
    openCluster({ name, region, kubeconfig, context: name, gateways: [] }, clock),
  );
  const nodes = CLUSTERS.flatMap((cluster) => cluster.nodes);
  const gateways = new Map(nodes.map(({ zone, address }) => [zone as Zone, `${loopbackOf(address)}:80`]));
  return { name: 'lab', clusters, gateways, clock, close: async () => {} };
}

/** How long the lab's sidecars take to start when it has nothing else to do. */
const SIDECAR_START_MS = 2600;

/** The sandbox, in this process. */
export async function sandboxSide(clock: Clock): Promise<Side> {
  const sandbox = await assemble({ clock, random: Math.random }, { ...INSIDES, sidecarStartMs: SIDECAR_START_MS });
  const folder = mkdtempSync(join(tmpdir(), 'faultline-differential-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, sandbox.kubeconfig);
  const clusters = sandbox.clusters.map(({ layout: { name, region } }) =>
    openCluster({ name, region, kubeconfig, context: name, gateways: [] }, clock),
  );
  const zones = sandbox.clusters.flatMap((cluster) => cluster.gateways.zones);
  const gateways = new Map(
    zones.map(({ zone, address }) => {
      const { host = '', port = 0 } = address() ?? {};
      return [zone as Zone, `${host}:${port}`] as const;
    }),
  );
  const close = async (): Promise<void> => {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { name: 'sandbox', clusters, gateways, clock, close };
}
