import { execFileSync } from 'node:child_process';
import { openCluster } from '../../kube/kubeconfig.ts';
import type { Cluster } from '../../model/ports.ts';
import { systemClock } from '../../run/system-clock.ts';
import { DEFAULT_TOPOLOGY } from '../../topologies/index.ts';
import { type LabNode, loopbackOf } from '../topology.ts';
import { accessOf } from '../up/access.ts';
import { runningTopology } from '../up/running-topology.ts';
import { LAB_FOLDER } from '../up/state.ts';
import { labCondition } from '../up/status.ts';
import { labCluster } from './clusters.ts';

/** How faultline is started: arguments of node. */
export const PROGRAM = ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts'];

/** Runs `faultline lab …` and returns what it printed. Throws when it fails. */
export function lab(...args: string[]): string {
  return execFileSync(process.execPath, [...PROGRAM, 'lab', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** For specs of a lab that runs, of the usual topology. Throws where there is none. */
export function requireLab(): void {
  const condition = labCondition(LAB_FOLDER);
  if (condition.kind !== 'up') throw new Error(`the lab is ${condition.kind}: faultline lab up`);
  const { name } = runningTopology(LAB_FOLDER);
  if (name !== DEFAULT_TOPOLOGY.name) throw new Error(`the lab has ${name}: faultline lab down, then faultline lab up`);
}

/** A cluster of the running lab, with all rights. */
export function openLabCluster(name: string): Cluster {
  const { region } = labCluster(name);
  const { kubeconfig } = accessOf(LAB_FOLDER);
  return openCluster({ name, region, kubeconfig, context: name, gateways: [] }, systemClock);
}

/** The request of the vendor page through a zone's gateway, with the headers of the answer. */
export function curl({ address }: LabNode, ...options: string[]): string {
  const host = ['--header', 'Host: mock.asm-demo.work'];
  const url = `http://${loopbackOf(address)}/mock`;
  return execFileSync('curl', ['--silent', '--include', '--max-time', '10', ...host, ...options, url], {
    encoding: 'utf8',
  });
}

/** Service and zone of each hop of a chain, in its order: `mocka ap-northeast-1a`. */
export function hopsOf(answer: string): string[] {
  return [...answer.matchAll(/-> (mock[abc])\(version: ([^,]+)/g)].map(([, name, zone]) => `${name} ${zone}`);
}
