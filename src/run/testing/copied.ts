import { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { fakeSystem } from '../../faults/testing/fake-system.ts';
import type { KubeKind } from '../../model/kubernetes.ts';

/** A second cluster beside that of a bench, which no fault of these specs names. */
export function kobeCluster(): FakeCluster {
  const cluster = fakeSystem();
  const identity = async () => ({
    ...(await new FakeCluster().identity()),
    uid: 'uid-of-kobe',
    server: 'http://127.0.0.2:1',
  });
  return Object.assign(cluster, { name: 'kobe', identity });
}

/** Copies all objects of a kind from one cluster to another, as a sync or a backup does: with their marks, without UIDs and owners. */
export function copyAll(kind: KubeKind, from: FakeCluster, to: FakeCluster): void {
  for (const { metadata, ...object } of from.all(kind)) {
    const { uid: _uid, resourceVersion: _version, ownerReferences: _owners, ...copied } = metadata;
    to.add({ ...object, metadata: copied });
  }
}
