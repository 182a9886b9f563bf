import { expect } from 'chai';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { maskedFault } from './masked-fault.ts';
import { autoscaled, blockingBudget, gitopsOwner } from './owners.ts';

const NAME = 'mockb-ap-northeast-1a';
const deployment = (metadata: string, spec = '') =>
  `{kind: Deployment, metadata: {name: ${NAME}${metadata}}, spec: {${spec}}}`;
const PROBED = 'template: {spec: {containers: [{name: default, readinessProbe: {httpGet: {port: 8000}}}]}}';
const found = [`warning tokyo Deployment default/${NAME}`];

describe('masked-fault', () => {
  const finds = (spec: string) => new Mesh().apply(deployment('', spec), 'tokyo').finds(maskedFault, drill());

  it('warns of a readiness probe behind which old pods stay', () => {
    expect(finds(PROBED)).to.deep.equal(found);
    expect(finds(`replicas: 8, ${PROBED}`)).to.deep.equal(found);
  });

  it('warns of a startup probe as well, of the container that is swapped and of no other', () => {
    const starting = PROBED.replace('readinessProbe', 'startupProbe');
    expect(finds(starting)).to.deep.equal(found);
    const { findings } = lint(new Mesh().apply(deployment('', starting), 'tokyo').system(drill()), [maskedFault]);
    expect(findings.map(({ field, what }) => [field, what.includes('behind a startup probe')])).to.deep.equal([
      ['spec.template.spec.containers[].startupProbe', true],
    ]);
    expect(finds(PROBED.replace('containers: [', 'containers: [{name: default}, '))).to.deep.equal([]);
  });

  it('says nothing without a probe, where all old pods go first, or of another Deployment', () => {
    expect(new Mesh().finds(maskedFault, drill())).to.deep.equal([]);
    expect(finds(`strategy: {type: Recreate}, ${PROBED}`)).to.deep.equal([]);
    expect(finds(`replicas: 2, strategy: {rollingUpdate: {maxUnavailable: 2}}, ${PROBED}`)).to.deep.equal([]);
    expect(finds(`strategy: {rollingUpdate: {maxUnavailable: "100%"}}, ${PROBED}`)).to.deep.equal([]);
    const elsewhere = new Mesh().apply(deployment('', PROBED), 'hangzhou');
    expect(elsewhere.finds(maskedFault, drill())).to.deep.equal([]);
  });

  it('is told of a StatefulSet and of an Argo Rollout, where they keep old pods', () => {
    const of = (kind: 'StatefulSet' | 'Rollout', spec: string) => {
      const [fault] = drill().faults;
      if (fault?.move.kind !== 'rollout') throw new Error('it is one');
      const faults = [{ ...fault, move: { ...fault.move, workload: { kind, name: 'db' } } }];
      const mesh = new Mesh().apply(`{kind: ${kind}, metadata: {name: db}, spec: {${spec}, ${PROBED}}}`, 'tokyo');
      return mesh.finds(maskedFault, drill({ faults }));
    };
    expect(of('StatefulSet', 'replicas: 2')).to.deep.equal(['warning tokyo StatefulSet default/db']);
    expect(of('StatefulSet', 'replicas: 1')).to.deep.equal([]);
    expect(of('StatefulSet', 'replicas: 2, updateStrategy: {rollingUpdate: {partition: 1}}')).to.deep.equal([]);
    expect(of('Rollout', 'replicas: 2')).to.deep.equal(['warning tokyo Rollout default/db']);
    expect(of('Rollout', 'strategy: {blueGreen: {activeService: x}}')).to.have.length(1);
    expect(of('Rollout', 'strategy: {canary: {maxSurge: 0, maxUnavailable: 1}}')).to.deep.equal([]);
  });

  it('is not told where Deployments could not be read, and that is said', () => {
    const mesh = new Mesh();
    mesh.unread.push({ what: 'workloads', cluster: 'tokyo', reason: 'forbidden' });
    expect(lint(mesh.system(drill()), [maskedFault]).untold).to.deep.equal(['cluster tokyo: forbidden (masked-fault)']);
  });
});

describe('gitops-owner', () => {
  it('warns of Argo CD and of Flux on a Deployment that a fault changes', () => {
    const marked = (metadata: string) => new Mesh().apply(deployment(metadata), 'tokyo').finds(gitopsOwner, drill());
    expect(marked(', annotations: {argocd.argoproj.io/tracking-id: x}')).to.deep.equal(found);
    expect(marked(', labels: {kustomize.toolkit.fluxcd.io/name: x}')).to.deep.equal(found);
    expect(marked(', managedFields: [{manager: kubectl}, {manager: argocd-controller}]')).to.deep.equal(found);
    expect(marked(', labels: {app.kubernetes.io/instance: x}, managedFields: [{manager: kubectl}]')).to.deep.equal([]);
  });
});

describe('autoscaled', () => {
  const scaler = (spec: string, target = NAME) =>
    new Mesh()
      .apply(
        `{kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {scaleTargetRef: {kind: Deployment, name: ${target}}, ${spec}}}`,
        'tokyo',
      )
      .finds(autoscaled, drill());

  it('warns of a scaler of a Deployment that a fault changes, where it may change anything', () => {
    expect(scaler('maxReplicas: 3')).to.deep.equal(['warning tokyo HorizontalPodAutoscaler default/h']);
    expect(scaler('minReplicas: 3, maxReplicas: 3')).to.deep.equal([]);
    expect(scaler('maxReplicas: 3', 'other')).to.deep.equal([]);
  });
});

describe('blocking-budget', () => {
  const budget = (allowed: number, app = 'mockb') => selecting(`selector: {matchLabels: {app: ${app}}}`, allowed);
  const selecting = (spec: string, allowed = 0) =>
    new Mesh()
      .apply(
        `{kind: PodDisruptionBudget, metadata: {name: p}, spec: {${spec}}, status: {disruptionsAllowed: ${allowed}, expectedPods: 2}}`,
        'tokyo',
      )
      .finds(blockingBudget, drill());

  it('notes a budget that has nothing to spare for pods of the chain', () => {
    expect(budget(0)).to.deep.equal(['info tokyo PodDisruptionBudget default/p']);
    expect(budget(1)).to.deep.equal([]);
    expect(budget(0, 'other')).to.deep.equal([]);
  });

  it('reads the whole selector: without one it is about no pod', () => {
    const found = ['info tokyo PodDisruptionBudget default/p'];
    const when = (operator: string) => selecting(`selector: {matchExpressions: [{key: app, ${operator}}]}`);
    expect(when('operator: In, values: [mockb]')).to.deep.equal(found);
    expect(when('operator: In, values: [other]')).to.deep.equal([]);
    expect(when('operator: NotIn, values: [mocka, mockb, mockc]')).to.deep.equal([]);
    expect(when('operator: Exists')).to.deep.equal(found);
    expect(when('operator: DoesNotExist')).to.deep.equal([]);
    expect(selecting('selector: {}')).to.deep.equal(found);
    expect(selecting('minAvailable: 1')).to.deep.equal([]);
  });
});
