import { expect } from 'chai';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { controlPlaneDown } from './index.ts';

/** Any Deployment does for a control plane here. */
const FIELDS = { namespace: 'default', deployment: 'mockb-ap-northeast-1a' };

describe('a control plane that is down', () => {
  it('is aside of all requests, and is proven when its pods are gone', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(controlPlaneDown, cluster, FIELDS);
    expect([plan.signature, plan.affected.length]).to.deep.equal(['aside', 1]);
    expect(plan.warnings.join()).to.contain('rollouts and restarts').and.to.not.contain('callers go elsewhere');
    await controlPlaneDown.inject(plan, fakeContext(cluster));
    const { proven, observed } = await controlPlaneDown.prove(plan, fakeContext(cluster));
    expect([proven, observed]).to.deep.equal([true, true]);
  });

  it('is refused where there is no istiod, as in a managed mesh', async () => {
    expect(await errorOf(planWith(controlPlaneDown, fakeSystem()))).to.contain(
      'FAULT_NO_TARGET: cluster tokyo: Deployment istio-system/istiod does not exist',
    );
  });
});
