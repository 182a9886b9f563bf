import { expect } from 'chai';
import { KINDS, type KubeObject } from './kubernetes.ts';
import { heldText, isLeaving, removalCommand } from './leaving.ts';

const AT = '2026-11-22T09:00:00Z';

function job(metadata: object): KubeObject {
  return { ...KINDS.job, metadata: { name: 'x', namespace: 'a', ...metadata } };
}

describe('an object that is deleted', () => {
  const held = (finalizers: readonly string[], more: object = {}) =>
    heldText(job({ deletionTimestamp: AT, finalizers, ...more }));

  it('is held by its finalizers, each told with whose it likely is', () => {
    const cases = {
      'networking.k8s.aws/resources': 'a controller of networking.k8s.aws',
      'batch.kubernetes.io/job-tracking': 'a controller of batch.kubernetes.io',
      foregroundDeletion: "Kubernetes' garbage collector",
      orphan: "Kubernetes' garbage collector",
      'finalizers.example.com': 'whose controller it names',
    };
    for (const [finalizer, whose] of Object.entries(cases)) {
      expect(held([finalizer])).to.equal(`is deleted and held by its finalizers: ${finalizer} (${whose})`);
    }
    expect(held(['a.io/x', 'orphan'])).to.match(/: a\.io\/x \(a controller of a\.io\), orphan \(Kub/);
  });

  it('tells who has put a finalizer there, where the API server knows', () => {
    const set = (...names: readonly string[]) => ({
      'f:metadata': { 'f:finalizers': Object.fromEntries([['.', {}], ...names.map((one) => [`v:"${one}"`, {}])]) },
    });
    const managedFields = [
      { manager: 'faultline', fieldsV1: { 'f:metadata': { 'f:labels': {} } } },
      { manager: 'kube-controller-manager', fieldsV1: set('a.io/other') },
      { manager: 'keeper', fieldsV1: set('a.io/x') },
      { manager: 'status' },
    ];
    expect(held(['a.io/x', 'a.io/y'], { managedFields })).to.equal(
      'is deleted and held by its finalizers: a.io/x (put there by keeper), a.io/y (a controller of a.io)',
    );
  });

  it('is not held without finalizers, nor before it is deleted', () => {
    expect([held([]), heldText(job({ finalizers: ['a.io/x'] })), heldText(job({}))]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    expect([isLeaving(job({ deletionTimestamp: AT })), isLeaving(job({}))]).to.deep.equal([true, false]);
  });

  it('is looked at in place of being deleted once more; any other is deleted without waiting for who may hold it', () => {
    const deleted = job({ deletionTimestamp: AT, finalizers: ['a.io/x'] });
    expect(removalCommand('kubectl -n a', 'job/x', deleted)).to.equal('kubectl -n a get job/x -o yaml');
    expect(removalCommand('kubectl -n a', 'job/x', job({ finalizers: ['a.io/x'] }))).to.equal(
      'kubectl -n a delete job/x --wait=false',
    );
  });
});
