import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { deployment, manualClock, seeded, service } from '../testing/controllers-harness.ts';
import { ApiError } from './errors.ts';
import { at } from './json.ts';
import { createStore, type ObjectStore } from './store.ts';

describe('defaults and validation', () => {
  let store: ObjectStore;
  beforeEach(() => {
    store = createStore({ clock: manualClock(), random: seeded(5) });
  });
  const causeOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (error instanceof ApiError)
        return `${error.status.code} ${error.status.details?.causes?.[0]?.field} ${error.message}`;
      throw error;
    }
    return 'accepted';
  };

  it('fills in a deployment', () => {
    const created = store.create({
      ...deployment('web', 1),
      spec: { ...(deployment('web', 1).spec as object), replicas: null } as never,
    });
    expect(created.spec).to.deep.include({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    });
    expect(at(created, 'spec', 'template', 'spec')).to.deep.include({
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
    });
    expect(at(created, 'spec', 'template', 'spec', 'containers', 0)).to.deep.include({
      imagePullPolicy: 'IfNotPresent',
      ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    });
  });

  it('pulls images without a fixed tag always', () => {
    const pullPolicy = (image: string): unknown => {
      const name = image.replace(/\W/g, '-');
      const spec = { containers: [{ name: 'c', image }] };
      const pod = store.create({ ...KINDS.pod, metadata: { name, namespace: 'default' }, spec });
      return at(pod, 'spec', 'containers', 0, 'imagePullPolicy');
    };
    expect(['x', 'x:latest', 'host:5000/x', 'x:1', 'x@sha256:abc'].map(pullPolicy)).to.deep.equal([
      'Always',
      'Always',
      'Always',
      'IfNotPresent',
      'IfNotPresent',
    ]);
  });

  it('marks a pod as the injector does, unless it wants no sidecar', () => {
    const marked = (labels: Record<string, string>) => {
      const metadata = { generateName: 'p-', namespace: 'default', labels };
      const pod = store.create({ ...KINDS.pod, metadata, spec: { containers: [{ name: 'c', image: 'i:1' }] } });
      return pod.metadata.annotations?.['sidecar.istio.io/status'] !== undefined;
    };
    expect(marked({ app: 'web' })).to.equal(true);
    expect(marked({ 'sidecar.istio.io/inject': 'false' })).to.equal(false);
  });

  it('allocates cluster IPs and node ports once', () => {
    const one = store.create(service('one'));
    const two = store.create(service('two', { type: 'LoadBalancer' }));
    expect(at(one, 'spec', 'clusterIP')).to.match(/^10\.96\.\d+\.\d+$/);
    expect(at(one, 'spec', 'clusterIP')).to.not.equal(at(two, 'spec', 'clusterIP'));
    const nodePort = at(two, 'spec', 'ports', 0, 'nodePort');
    expect(nodePort).to.be.within(30000, 32767);
    const again = store.update({
      ...service('two', { type: 'LoadBalancer' }),
      metadata: { name: 'two', namespace: 'default', labels: { a: 'b' } },
    });
    expect(at(again, 'spec', 'clusterIP')).to.equal(at(two, 'spec', 'clusterIP'));
    expect(at(again, 'spec', 'ports', 0, 'nodePort')).to.equal(nodePort);
    expect(causeOf(() => store.update(service('one', { clusterIP: '10.96.9.9' })))).to.match(
      /^422 spec.clusterIP .*field is immutable/,
    );
  });

  it('moves stringData of a secret into data', () => {
    const secret = store.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'default' },
      stringData: { a: 'b' },
    });
    expect(secret).to.deep.include({ type: 'Opaque', data: { a: 'Yg==' } });
    expect(secret).to.not.have.property('stringData');
  });

  it('selects a job by its uid', () => {
    const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } };
    const job = store.create({ ...KINDS.job, metadata: { name: 'j', namespace: 'default' }, spec });
    expect(job.spec).to.deep.include({ parallelism: 1, completions: 1, backoffLimit: 6, suspend: false });
    expect(at(job, 'spec', 'selector', 'matchLabels', 'batch.kubernetes.io/controller-uid')).to.equal(job.metadata.uid);
    expect(at(job, 'spec', 'template', 'metadata', 'labels', 'job-name')).to.equal('j');
  });

  it('refuses a deployment whose selector misses its template, or changes', () => {
    const wrong = deployment('web', 1, { selector: { matchLabels: { app: 'other' } } });
    expect(causeOf(() => store.create(wrong))).to.match(
      /^422 spec.template.metadata.labels .*`selector` does not match template `labels`/,
    );
    store.create(deployment('web', 1));
    const template = {
      metadata: { labels: { app: 'web', more: 'x' } },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    };
    const moved = deployment('web', 1, { selector: { matchLabels: { more: 'x' } }, template });
    expect(causeOf(() => store.update(moved))).to.match(/^422 spec.selector .*field is immutable/);
  });

  it('names every field that is wrong', () => {
    const pod = (spec: Record<string, unknown>): KubeObject => ({
      ...KINDS.pod,
      metadata: { name: 'p', namespace: 'default' },
      spec: spec as Record<string, never>,
    });
    expect(causeOf(() => store.create(pod({})))).to.equal(
      '422 spec.containers Pod "p" is invalid: spec.containers: Required value',
    );
    const twins = pod({ containers: [{ name: 'c', image: 'x' }, { name: 'c' }] });
    expect(causeOf(() => store.create(twins))).to.equal(
      '422 spec.containers[1].name Pod "p" is invalid: [spec.containers[1].name: Duplicate value: "c", spec.containers[1].image: Required value]',
    );
    expect(causeOf(() => store.create(service('Bad')))).to.match(/^422 metadata.name /);
    expect(causeOf(() => store.create(deployment('web', -1)))).to.match(/^422 spec.replicas /);
  });

  it('lets only images and deadlines of a pod change, and its node once', () => {
    const created = store.create({
      ...KINDS.pod,
      metadata: { name: 'p', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'x:1' }] },
    });
    const spec = created.spec as Record<string, never>;
    const withSpec = (more: Record<string, unknown>): KubeObject => ({
      ...KINDS.pod,
      metadata: { name: 'p', namespace: 'default' },
      spec: { ...spec, ...(more as Record<string, never>) },
    });
    expect(
      causeOf(() =>
        store.update(withSpec({ containers: [{ ...(at(spec, 'containers', 0) as object), image: 'x:2' }] })),
      ),
    ).to.equal('accepted');
    expect(causeOf(() => store.update(withSpec({ hostname: 'other' })))).to.match(
      /^422 spec .*pod updates may not change fields/,
    );
    expect(causeOf(() => store.update(withSpec({ nodeName: 'node-a' })))).to.equal('accepted');
    expect(causeOf(() => store.update(withSpec({ nodeName: 'node-b' })))).to.match(/^422 spec /);
  });
});
