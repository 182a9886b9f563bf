import { expect } from 'chai';
import { applyPatch, type Operation } from 'rfc6902';
import { KINDS, type KubeObject, UNDO_ANNOTATION } from '../../model/kubernetes.ts';
import { stageSystem } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { held } from './argo.ts';
import { imageSwap } from './index.ts';

const WEB = 'web-ap-northeast-1a';
const OF_WEB = { deployment: undefined, rollout: WEB };

/** The system of the suite with its Rollout changed. */
function systemWith(spec: object, status: object = {}): FakeCluster {
  const cluster = stageSystem();
  const web = rolloutIn(cluster);
  Object.assign(web.spec as object, spec);
  Object.assign(web.status as object, status);
  return cluster;
}

function rolloutIn(cluster: FakeCluster): KubeObject {
  const web = cluster.all(KINDS.rollout).find(({ metadata }) => metadata.namespace === 'default');
  if (web === undefined) throw new Error('there is one');
  return web;
}

const refusal = (spec: object, status?: object) => errorOf(planWith(imageSwap, systemWith(spec, status), OF_WEB));
const warnings = async (strategy: object) =>
  (await planWith(imageSwap, systemWith({ strategy }), OF_WEB)).warnings.join('\n');

describe('an image swap of an Argo Rollout', () => {
  it('names it, and asks for nothing of other workloads', async () => {
    const plan = await planWith(imageSwap, stageSystem(), OF_WEB);
    expect(plan.summary).to.contain(`Rollout default/${WEB}`);
    expect(plan.affected.map(({ workload }) => workload)).to.deep.equal([WEB]);
    const asked = new Set(plan.permissions.map(({ verb, apiVersion, kind }) => `${verb} ${apiVersion} ${kind}`));
    expect([...asked]).to.have.members([
      ...['get', 'patch'].map((verb) => `${verb} argoproj.io/v1alpha1 Rollout`),
      ...['list v1 Pod', 'list v1 Node'],
    ]);
  });

  it('is refused where the Rollout would not take it, or its undo would do harm', async () => {
    expect(await refusal({ paused: true })).to.contain('is paused: no pod would get the image');
    expect(await refusal({ template: undefined, workloadRef: { kind: 'Deployment', name: 'web' } }))
      .to.contain('FAULT_NO_TARGET')
      .and.contain('takes its template from Deployment web (workloadRef)');
    expect(await refusal({}, { abort: true })).to.contain('start the aborted update again');
    expect(await refusal({}, { currentPodHash: 'b', stableRS: 'a' })).to.contain('in the middle of an update');
    expect(await refusal({}, { currentPodHash: 'a', stableRS: 'a' })).to.equal('none');
    expect(await refusal({}, { currentPodHash: 'a', stableRS: '' })).to.equal('none');
    const blueGreen = { activeService: 'web', autoPromotionEnabled: false };
    expect(await refusal({ strategy: { blueGreen } })).to.contain('waits for a person to promote');
    expect(await refusal({ strategy: { blueGreen: { ...blueGreen, autoPromotionSeconds: 5 } } })).to.equal('none');
  });

  it('is planned with what the strategy will make of it', async () => {
    expect(await warnings({ canary: {} })).to.equal('');
    const steps = (...list: object[]) => warnings({ canary: { steps: list } });
    expect(await steps({ setWeight: 20 }, { pause: { duration: '30s' } }))
      .to.contain('updates in 2 steps')
      .and.contain('is proven when the last one is done')
      .and.contain('The undo after that goes through the same steps');
    expect(await steps({ setWeight: 20 }, { pause: {} })).to.contain('waits at step 2 until a person promotes it');
    for (const duration of ['1m', 60, '60'])
      expect(await steps({ pause: { duration } }, { pause: { duration } })).to.contain('pauses for 120 s in all');
    expect(await steps({ analysis: { templates: [] } })).to.contain('aborts and takes the fault back');
    expect(await warnings({ canary: { analysis: { templates: [] } } })).to.contain('has an analysis');
    expect(await warnings({ blueGreen: {} }))
      .to.contain('30 s or more after that.')
      .and.not.contain('analysis');
    const slow = await warnings({ blueGreen: { scaleDownDelaySeconds: 120, prePromotionAnalysis: {} } });
    expect(slow).to.contain('120 s or more after that: the fault is not proven').and.contain('has an analysis');
  });

  it('says why it is not seen in the pods', async () => {
    const cluster = stageSystem();
    const plan = await planWith(imageSwap, cluster, OF_WEB);
    cluster.frozen = true;
    await imageSwap.inject(plan, fakeContext(cluster));
    Object.assign(rolloutIn(cluster).status as object, { abort: true, message: 'metric failed' });
    const { proven, detail } = await imageSwap.prove(plan, fakeContext(cluster));
    expect([proven, detail]).to.deep.equal([
      false,
      'ready pods still run another image (the Rollout has aborted its update (metric failed))',
    ]);
  });

  it('leaves a patch on it that kubectl takes for a custom resource', async () => {
    const cluster = stageSystem();
    const before = structuredClone(rolloutIn(cluster));
    const plan = await planWith(imageSwap, cluster, OF_WEB);
    await imageSwap.inject(plan, fakeContext(cluster));
    const after = structuredClone(rolloutIn(cluster));
    const patch = JSON.parse(after.metadata.annotations?.[UNDO_ANNOTATION] ?? '') as Operation[];
    expect(applyPatch(after, patch).filter((error) => error !== null)).to.deep.equal([]);
    const containers = ({ spec }: KubeObject) => (spec as unknown as { template: { spec: object } }).template.spec;
    expect(containers(after)).to.deep.equal(containers(before));
  });
});

describe('the undo of an image swap of an Argo Rollout', () => {
  const frozenUndo = async (status: object, spec: object = {}) => {
    const cluster = systemWith(spec);
    const plan = await planWith(imageSwap, cluster, OF_WEB);
    await imageSwap.inject(plan, fakeContext(cluster));
    cluster.frozen = true;
    Object.assign(rolloutIn(cluster).status as object, { currentPodHash: 'old', stableRS: 'swapped', ...status });
    return imageSwap.undo(plan, fakeContext(cluster));
  };

  it('is not over while the template that is back is not the stable one', async () => {
    const { state, detail, commands } = await frozenUndo({});
    expect([state, commands]).to.deep.equal(['failed', [`kubectl -n default describe rollout/${WEB}`]]);
    expect(detail).to.contain('the rollout is not complete after 300 s');
  });

  it('ends where the Rollout waits for a person, and says for what', async () => {
    const steps = [{ setWeight: 20 }, { pause: {} }];
    const paused = { currentStepIndex: 1, pauseConditions: [{ reason: 'CanaryPauseStep' }] };
    const { state, detail, commands } = await frozenUndo(paused, { strategy: { canary: { steps } } });
    const promote = `kubectl -n default patch rollout/${WEB} --subresource=status --type=merge -p '{"status":{"promoteFull":true}}'`;
    expect([state, commands]).to.deep.equal(['failed', [promote]]);
    expect(detail).to.contain('the Rollout is paused at step 2 of 2 (CanaryPauseStep)');
  });

  it('says how the template that is back gets past an analysis that has aborted it', async () => {
    const { state, detail, commands } = await frozenUndo({ abort: true, message: 'metric failed' });
    expect([state, detail, commands.join()].join('\n'))
      .to.contain('failed\n')
      .and.contain('has aborted its update (metric failed)')
      .and.contain('"promoteFull":true');
  });

  it('waits out a pause that ends by itself', () => {
    const spec = { strategy: { canary: { steps: [{ pause: { duration: '2m' } }] } } };
    const status = { currentStepIndex: 0, pauseConditions: [{ reason: 'CanaryPauseStep' }] };
    expect(held({ ...KINDS.rollout, metadata: {}, spec, status })).to.equal(undefined);
  });

  it('prints a patch that kubectl takes, where somebody has changed the image', async () => {
    const cluster = stageSystem();
    const plan = await planWith(imageSwap, cluster, OF_WEB);
    await imageSwap.inject(plan, fakeContext(cluster));
    const web = structuredClone(rolloutIn(cluster));
    const { spec } = (web.spec as unknown as { template: { spec: { containers: { image: string }[] } } }).template;
    Object.assign(spec.containers[0] ?? {}, { image: 'hotfix:1' });
    cluster.put(web);
    const { state, commands } = await imageSwap.undo(plan, fakeContext(cluster));
    expect(state).to.equal('conflict');
    expect(commands.join()).to.match(new RegExp(`^kubectl -n default patch rollout/${WEB} --type=json -p '\\[`));
  });
});
