import { expect } from 'chai';
import type { FaultPlan } from '../../model/fault.ts';
import { KINDS, RUN_LABEL } from '../../model/kubernetes.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { LABEL, labelled, NAME, on, POLICY } from '../testing/policies.ts';
import { planWith } from '../testing/steps.ts';
import { zoneNetworkPolicy } from './index.ts';

describe('the undo of a zone network policy', () => {
  const undo = (cluster: FakeCluster, plan: FaultPlan) => zoneNetworkPolicy.undo(plan, fakeContext(cluster));

  it('lets traffic flow first: the policies go before the jobs and the labels', async () => {
    const { cluster, plan } = await on();
    const order: string[] = [];
    cluster.before = ({ verb, kind, isWrite }) => {
      if (isWrite) order.push(`${verb} ${kind}`);
    };
    const outcome = await undo(cluster, plan);
    expect(order).to.deep.equal(['delete NetworkPolicy', 'delete Job', 'patch Pod', 'patch Pod']);
    expect(outcome.detail).to.equal('policy and job are deleted, no pod carries the label');
    expect(outcome.objects.map(({ after, state }) => `${after} ${state}`)).to.deep.equal(
      Array(4).fill('absent put-back'),
    );
  });

  it('undoes one of two without looking at the other', async () => {
    const cluster = fakeSystem();
    const one = await planWith(zoneNetworkPolicy, cluster, {}, 'one');
    const two = await planWith(zoneNetworkPolicy, cluster, { zone: 'ap-northeast-1b' }, 'two');
    await zoneNetworkPolicy.inject(one, fakeContext(cluster));
    await zoneNetworkPolicy.inject(two, fakeContext(cluster));
    expect((await undo(cluster, two)).state).to.equal('undone');
    expect(cluster.all(KINDS.networkPolicy)).to.have.length(1);
    expect(labelled(cluster)).to.have.length(2);
    expect((await undo(cluster, one)).state).to.equal('undone');
    expect(labelled(cluster)).to.deep.equal([]);
  });

  it('leaves an object of the same name alone that is not of its run, and gives no command that deletes it', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(zoneNetworkPolicy, cluster);
    cluster.add({ ...KINDS.networkPolicy, metadata: { name: NAME, namespace: 'default' } });
    const outcome = await undo(cluster, plan);
    expect(outcome).to.deep.include({
      state: 'conflict',
      detail: `not of this run and left alone: NetworkPolicy default/${NAME}`,
      commands: [],
    });
    expect(outcome.objects.map(({ kind, state }) => `${kind} ${state}`)).to.deep.equal([
      'Job put-back',
      'NetworkPolicy conflict',
      'Pod put-back',
      'Pod put-back',
    ]);
    expect(cluster.all(KINDS.networkPolicy)).to.have.length(1);
  });

  it('names what it could not take away, with the commands that do', async () => {
    const { cluster, plan } = await on();
    cluster.delete = async () => {};
    const patch = cluster.patch.bind(cluster);
    cluster.patch = async (ref, ops) => (ref.name.startsWith('mocka') ? patch(ref, ops) : { ...ref, metadata: {} });
    const outcome = await undo(cluster, plan);
    const pod = 'mockb-ap-northeast-1a-abc-xxxxxxxxxxxxxxx';
    expect(outcome.state).to.equal('failed');
    expect(outcome.detail).to.equal(`left: NetworkPolicy default/${NAME}, Job default/${NAME}, Pod default/${pod}`);
    expect(outcome.commands).to.deep.equal([
      `kubectl -n default delete networkpolicy/${NAME} --wait=false`,
      `kubectl -n default delete job/${NAME} --wait=false`,
      `kubectl -n default label pod/${pod} ${RUN_LABEL}- ${LABEL}-`,
    ]);
    expect(outcome.objects.map(({ after, state }) => `${after} ${state}`)).to.deep.equal([
      'present left-behind',
      'present left-behind',
      'present left-behind',
      'absent put-back',
    ]);
  });

  it('tells what is left from what is not of its run', async () => {
    const { cluster, plan } = await on();
    cluster.add({ ...KINDS.networkPolicy, metadata: { name: NAME, namespace: 'default' } });
    cluster.delete = async () => {};
    const { detail, commands } = await undo(cluster, plan);
    expect(detail).to.equal(`left: Job default/${NAME}; not of this run and left alone: NetworkPolicy default/${NAME}`);
    expect(commands).to.deep.equal([`kubectl -n default delete job/${NAME} --wait=false`]);
  });

  it('takes what is on its way out for gone, and a pod that goes meanwhile for no error', async () => {
    const { cluster, plan } = await on();
    const policy = await cluster.get(POLICY);
    if (policy === undefined) throw new Error('the policy is there');
    const leaving = { deletionTimestamp: '2026-11-22T09:00:00Z' };
    cluster.delete = async () => {
      cluster.add({ ...policy, metadata: { ...policy.metadata, ...leaving } });
    };
    cluster.objects.delete(`Job default/${NAME}`);
    cluster.before = ({ verb, kind }) => {
      if (verb === 'patch' && kind === 'Pod')
        cluster.objects.delete('Pod default/mocka-ap-northeast-1a-abc-xxxxxxxxxxxxxxx');
    };
    expect((await undo(cluster, plan)).state).to.equal('undone');
  });

  it('takes what finalizers hold for left: its controller goes on acting on it', async () => {
    const { cluster, plan } = await on();
    const policy = await cluster.get(POLICY);
    if (policy === undefined) throw new Error('the policy is there');
    const held = { deletionTimestamp: '2026-11-22T09:00:00Z', finalizers: ['networking.k8s.aws/resources'] };
    cluster.delete = async () => {
      cluster.add({ ...policy, metadata: { ...policy.metadata, ...held } });
    };
    cluster.objects.delete(`Job default/${NAME}`);
    const { state, detail, commands } = await undo(cluster, plan);
    expect([state, detail, commands]).to.deep.equal([
      'failed',
      `left: NetworkPolicy default/${NAME}, which is deleted and held by its finalizers: networking.k8s.aws/resources (a controller of networking.k8s.aws)`,
      [`kubectl -n default get networkpolicy/${NAME} -o yaml`],
    ]);
  });

  it('does not take labels off a pod of the same name that was created anew', async () => {
    const { cluster, plan } = await on();
    cluster.before = ({ verb, kind }) => {
      if (verb !== 'patch' || kind !== 'Pod') return;
      for (const pod of cluster.all(KINDS.pod)) {
        if (pod.metadata.uid?.endsWith('-anew') !== true) {
          cluster.add({ ...pod, metadata: { ...pod.metadata, uid: `${pod.metadata.uid}-anew` } });
        }
      }
    };
    const outcome = await undo(cluster, plan);
    expect(outcome.state).to.equal('failed');
    expect(labelled(cluster)).to.have.length(2);
  });

  it('takes off each of its labels where somebody has taken off the other one, and leaves those of others', async () => {
    for (const taken of [RUN_LABEL, LABEL]) {
      const { cluster, plan } = await on();
      const [first] = cluster.all(KINDS.pod).filter(({ metadata }) => metadata.labels?.[LABEL] !== undefined);
      delete first?.metadata.labels?.[taken];
      expect((await undo(cluster, plan)).state).to.equal('undone');
      const left = cluster.all(KINDS.pod).flatMap(({ metadata }) => Object.keys(metadata.labels ?? {}));
      expect(left.filter((label) => label.startsWith('faultline.dev/'))).to.deep.equal([]);
    }
  });
});
