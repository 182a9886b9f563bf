import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { readPod } from '../../workload/pods.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, RUN } from '../testing/fake-system.ts';
import { errorOf } from '../testing/steps.ts';
import { beginIn } from './begin.ts';
import { containerName, containerOf } from './container.ts';

const FAULT = { runId: RUN, fault: 'broken' };
const NAME = containerName(FAULT);

/** What admission has made of the variables of a container that runs. */
const CHANGES: readonly [string, (env: readonly { readonly name: string }[]) => readonly object[]][] = [
  ['all are gone', () => []],
  ['that of the run is gone', (env) => env.filter(({ name }) => name !== 'FAULTLINE_RUN')],
  ['that of the fault is gone', (env) => env.filter(({ name }) => name !== 'FAULTLINE_FAULT')],
  ['the run is another one', (env) => env.map((one) => (one.name === 'FAULTLINE_RUN' ? { ...one, value: 'x' } : one))],
];

/** Tells a container with such variables to begin: what was said, and what was run in it. */
async function told(change: (typeof CHANGES)[number][1]) {
  const cluster = new FakeCluster();
  const commands: string[] = [];
  cluster.exec = async (_where, command) => {
    commands.push(command.join(' '));
    return { code: 0, stdout: '', stderr: '' };
  };
  const container = containerOf('podNetwork', FAULT, 'busybox:1', 'x') as unknown as {
    readonly env: readonly { name: string }[];
  };
  const object = {
    ...KINDS.pod,
    metadata: { namespace: 'default', name: 'one', uid: '1' },
    spec: { ephemeralContainers: [{ ...container, env: change(container.env) }] },
    status: { ephemeralContainerStatuses: [{ name: NAME, state: { running: {} } }] },
  } as unknown as KubeObject;
  const task = { object, pod: readPod(object, new Map()), script: '', show: [] };
  return { said: await errorOf(beginIn([task], FAULT, new Set(), fakeContext(cluster))), commands };
}

describe('a container in a pod', () => {
  for (const [what, change] of CHANGES) {
    it(`is not told to begin where it has lost what tells of its fault: ${what}`, async () => {
      const { said, commands } = await told(change);
      expect(said).to.equal(
        `FAULT_REFUSED: cluster tokyo: pod default/one: container ${NAME} has lost what tells of its fault, and was not told to begin (Something has changed its variables, as a webhook does: kubectl get mutatingwebhookconfigurations)`,
      );
      expect(commands).to.deep.equal([]);
    });
  }

  it('is told to begin where it has that', async () => {
    const { said, commands } = await told((env) => env);
    expect([said, commands.length]).to.deep.equal(['none', 1]);
  });
});
