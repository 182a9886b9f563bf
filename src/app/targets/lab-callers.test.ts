import { expect } from 'chai';
import { KINDS, type KubeObject, type ObjectRef } from '../../model/kubernetes.ts';
import type { Cluster, ProxyAdmin } from '../../model/ports.ts';
import { clustersPage } from '../../observe/testing/observed-callers.ts';
import { pod } from '../../observe/testing/observed-cluster.ts';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import { restartEjectors } from './lab-callers.ts';

const SCOPE = { namespaces: ['default'] };
const KEEPS = clustersPage([{ ip: '1', ejected: true }]);

function podOf(deployment: string, name: string): KubeObject {
  const made = pod(name, { labels: { 'pod-template-hash': 'abc' } });
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${deployment}-abc`, uid: 'u', controller: true };
  return { ...made, metadata: { ...made.metadata, ownerReferences: [owner] } };
}

/** Pods with what their proxies say, and Deployments that are rolled out at the second look after a patch. */
function cluster(pages: Readonly<Record<string, string>>, pods: readonly KubeObject[], annotations?: object) {
  const patched: string[] = [];
  const looks: string[] = [];
  const get = async (ref: ObjectRef) => {
    if (ref.kind === 'Pod') return pods.find(({ metadata }) => metadata.name === ref.name);
    looks.push(ref.name);
    const isDone = patched.length > 0 && looks.filter((name) => name === ref.name).length > 2;
    const status = { observedGeneration: 2, replicas: 1, updatedReplicas: isDone ? 1 : 0, availableReplicas: 1 };
    const template = { metadata: annotations === undefined ? {} : { annotations } };
    return { ...KINDS.deployment, metadata: { ...ref, generation: 2 }, spec: { replicas: 1, template }, status };
  };
  const made = {
    name: 'tokyo',
    list: async () => pods,
    get,
    patch: async ({ name }: ObjectRef, ops: readonly { path: string }[]) => {
      patched.push(
        `${name} ${ops.map(({ path }) => path.replace('/spec/template/metadata/annotations', '')).join(' ')}`,
      );
    },
    proxyAdmin: (at: { pod: string }) => ({ get: async () => pages[at.pod] ?? '{}' }) as unknown as ProxyAdmin,
  };
  return { cluster: made as unknown as Cluster, patched, looks };
}

describe('callers of the lab that keep hosts ejected', () => {
  const pods = [podOf('web', 'web-abc-1'), podOf('web', 'web-abc-2'), podOf('other', 'other-abc-1')];

  it('are started anew by their Deployment, once, and waited for; others are left alone', async () => {
    const one = cluster({ 'web-abc-1': KEEPS, 'web-abc-2': KEEPS }, pods, { a: 'b' });
    expect(await restartEjectors(one.cluster, SCOPE, virtualClock())).to.deep.equal(['web (tokyo)']);
    expect(one.patched).to.deep.equal(['web /kubectl.kubernetes.io~1restartedAt']);
    expect(one.looks).to.have.length(3);
  });

  it('get annotations where their template has none', async () => {
    const one = cluster({ 'other-abc-1': KEEPS }, pods);
    await restartEjectors(one.cluster, SCOPE, virtualClock());
    expect(one.patched).to.deep.equal(['other  /kubectl.kubernetes.io~1restartedAt']);
  });

  it('that are of no Deployment, or that keep nothing, are not touched', async () => {
    const ordinals = [pod('lone-0'), pod('set-0', { labels: { 'pod-template-hash': 'abc' } })];
    const one = cluster({ 'lone-0': KEEPS, 'set-0': KEEPS }, [...pods, ...ordinals]);
    expect(await restartEjectors(one.cluster, SCOPE, virtualClock())).to.deep.equal([]);
    expect(one.patched).to.deep.equal([]);
  });
});
