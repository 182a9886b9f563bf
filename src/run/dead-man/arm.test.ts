import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import type { FaultPlan } from '../../model/fault.ts';
import { DEAD_MAN_LABEL, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Target } from '../../model/target.ts';
import { alteredCluster } from '../testing/altered-cluster.ts';
import { askedCluster } from '../testing/asked-cluster.ts';
import { BenchRun, BLACKHOLE, KILL, SWAP } from '../testing/bench-run.ts';
import { planDigest } from './digest.ts';

const TARGET: Target = {
  name: 'bench',
  namespaces: ['default'],
  lockNamespace: 'default',
  observe: { namespaces: ['default'] },
  clusters: [],
  deadMan: { image: 'registry.example/faultline:1', serviceAccount: 'reverter' },
};

type Made = { readonly bench: BenchRun; readonly jobs: KubeObject[] };

/** A bench on which the Job of the dead-man gets a pod with this status, on its way out where it `ends`. */
function bench(status: object | undefined, ends = false): Made {
  const made = { bench: new BenchRun(), jobs: [] as KubeObject[] };
  const { cluster } = made.bench;
  made.bench.seen = alteredCluster(cluster, {
    create: async (object, options) => {
      const created = await cluster.create(object, options);
      if (object.kind !== KINDS.job.kind || object.metadata.ownerReferences === undefined) return created;
      made.jobs.push(created);
      const { labels = {} } = created.metadata;
      const deletion = ends ? { deletionTimestamp: '2026-11-22T00:00:00Z' } : {};
      const metadata = { namespace: 'default', name: 'dead-man-x', labels, ...deletion };
      if (status !== undefined) cluster.add({ ...KINDS.pod, metadata, status: status as KubeObject['metadata'] });
      return created;
    },
  });
  return made;
}

const READY = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

describe('arming the dead-man', () => {
  it('makes a Job that goes with the plans of the run, ends by itself, and runs with few rights', async () => {
    const { bench: made, jobs } = bench(READY);
    let plans: KubeObject | undefined;
    made.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'hold')
        plans = made.cluster.all(KINDS.configMap).find(({ metadata }) => metadata.name === 'faultline-run');
    };
    expect(await made.run([SWAP], TARGET)).to.deep.equal({ status: 'completed' });
    expect(jobs).to.have.length(1);
    const [job] = jobs;
    expect(job?.metadata.ownerReferences).to.deep.equal([
      { ...KINDS.configMap, name: 'faultline-run', uid: plans?.metadata.uid, blockOwnerDeletion: false },
    ]);
    expect(job?.metadata.labels).to.not.have.property('faultline.dev/run');
    const spec = job?.spec as unknown as { activeDeadlineSeconds: number; template: { spec: object } };
    expect(spec.activeDeadlineSeconds).to.be.above(450);
    const pod = spec.template.spec as { containers: { args: string[]; securityContext: object }[] };
    expect(pod).to.include({ serviceAccountName: 'reverter', restartPolicy: 'OnFailure' });
    const [plan] = JSON.parse((plans?.data as Record<string, string> | undefined)?.['plans.json'] ?? '') as [FaultPlan];
    expect(pod.containers[0]?.args.slice(0, 13).join(' ')).to.equal(
      `dead-man --run 20261122t090000z-test --cluster tokyo --lock-namespace default --namespaces default --plans ${planDigest(plan)} --after 450`,
    );
  });

  it('is for faults that stay on: not for one that expires, or is over at once', async () => {
    for (const faults of [[{ ...BLACKHOLE, afterMs: 0 }], [KILL]]) {
      const { bench: made, jobs } = bench(undefined);
      expect(await made.run(faults, TARGET)).to.deep.equal({ status: 'completed' });
      expect(jobs).to.deep.equal([]);
    }
  });

  it('is for all of a run as soon as one of its faults stays on', async () => {
    const { bench: made, jobs } = bench(READY);
    const planned = await made.plan([KILL, SWAP], TARGET);
    const needs = planned.permissions.map(({ verb, kind }) => `${verb} ${kind}`);
    expect(needs).to.include('create Job');
    expect(await made.execute(planned)).to.deep.equal({ status: 'completed' });
    expect(jobs).to.have.length(1);
  });

  it('needs no more of the run than its plan says', async () => {
    const { bench: made, jobs } = bench(READY);
    const { permissions } = await made.plan([SWAP], TARGET);
    const api = askedCluster(made.seen);
    api.allows = ({ verb, kind, namespace }) =>
      permissions.some((one) => one.verb === verb && one.kind === kind && one.namespace === namespace);
    made.seen = api.cluster;
    expect(await made.run([SWAP], TARGET)).to.deep.equal({ status: 'completed' });
    expect(jobs).to.have.length(1);
    const without = await new BenchRun().plan([SWAP]);
    const more = permissions.filter((one) => !without.permissions.some((other) => isDeepStrictEqual(one, other)));
    expect(more.map(({ verb, kind, namespace }) => `${verb} ${kind} in ${namespace}`)).to.deep.equal([
      'create Job in default',
      'get Job in default',
    ]);
  });

  it('does not happen where somebody has said that the run goes without', async () => {
    const { bench: made, jobs } = bench(READY);
    const run = await made.plan([SWAP], TARGET);
    expect(await made.execute({ ...run, noDeadMan: true })).to.deep.equal({ status: 'completed' });
    expect(jobs).to.deep.equal([]);
  });

  it('is refused where admission takes off the label by which its pods are found', async () => {
    const { bench: made } = bench(READY);
    made.cluster.admit = (object) => {
      if (object.metadata.name?.startsWith('faultline-dead-man')) delete object.metadata.labels?.[DEAD_MAN_LABEL];
      return object;
    };
    const end = await made.run([SWAP], TARGET);
    expect(end).to.include({ status: 'refused' });
    expect(JSON.stringify(end)).to.contain(`takes away or changes the label ${DEAD_MAN_LABEL}`);
    expect(made.cluster.all(KINDS.configMap)).to.deep.equal([]);
  });

  const pods: Record<string, [object | undefined, string]> = {
    'no pod is made': [undefined, 'no pod was made for its Job'],
    'its image is not there': [
      {
        phase: 'Pending',
        containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no such tag' } } }],
      },
      'pod dead-man-x is Pending: ErrImagePull: no such tag',
    ],
    'its program ends': [
      {
        phase: 'Running',
        containerStatuses: [{ state: {}, lastState: { terminated: { exitCode: 3, message: 'a\nmay not: patch' } } }],
      },
      'pod dead-man-x is Running: a may not: patch',
    ],
    'no node has room': [
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes' }] },
      'pod dead-man-x is Pending: 0/3 nodes',
    ],
    'its program says nothing': [
      { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
      'its program does not say that it is armed',
    ],
  };
  for (const [title, [status, why]] of Object.entries(pods)) {
    it(`refuses the run before any fault where ${title}, and says so`, async () => {
      const { bench: made } = bench(status);
      const { status: ended, reason } = await made.run([SWAP], TARGET);
      expect(ended).to.equal('refused');
      expect(reason).to.contain('the dead-man was not ready within 180 s').and.to.contain(why);
      expect(made.steps().filter((step) => step.startsWith('swap'))).to.deep.equal([]);
      expect(made.cluster.all(KINDS.configMap)).to.deep.equal([]);
    });
  }

  it('is not done by a pod that is on its way out, though it still is Ready', async () => {
    const { bench: made } = bench(READY, true);
    expect((await made.run([SWAP], TARGET)).status).to.equal('refused');
    expect(made.steps().filter((step) => step.startsWith('swap'))).to.deep.equal([]);
  });

  it('is ended by a stop', async () => {
    const { bench: made } = bench(undefined);
    made.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'inject') {
        void made.clock.sleep(5_000).then(() => made.stop.abort({ kind: 'signal', signal: 'SIGTERM' }));
      }
    };
    const { status, signal } = await made.run([SWAP], TARGET);
    expect([status, signal]).to.deep.equal(['interrupted', 'SIGTERM']);
    expect(made.clock.now()).to.be.below(60e6);
  });
});
