import { expect } from 'chai';
import type { FaultPlan } from '../../model/fault.ts';
import type { FaultBlock } from '../../model/scenario.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf } from '../testing/steps.ts';
import { eastWestCut } from './index.ts';

/** Any Deployment of the fake system stands for the gateway. */
function planOn(app: string, cluster = fakeSystem()): Promise<FaultPlan> {
  const spec: FaultBlock = { cluster: 'tokyo', namespace: 'default', selector: { app } };
  return eastWestCut.plan({ name: 'cut', spec }, fakeContext(cluster));
}

describe('an east-west gateway that is cut', () => {
  it('is what the cluster shows of it, since no answer tells that it passed there', async () => {
    const cluster = fakeSystem();
    const plan = await planOn('mockb', cluster);
    expect([plan.signature, plan.affected.length, plan.objects.length]).to.deep.equal(['aside', 2, 2]);
    expect(plan.summary).to.contain('cut the way into cluster tokyo from other networks');
    expect(plan.warnings.join()).to.contain('calls out of it go on').and.not.contain('ingress gateway');
    await eastWestCut.inject(plan, fakeContext(cluster));
    const { proven, observed } = await eastWestCut.prove(plan, fakeContext(cluster));
    expect([proven, observed]).to.deep.equal([true, true]);
  });

  it('says so where it is the ingress gateway as well', async () => {
    expect((await planOn('mocka')).warnings.join()).to.contain('It is the ingress gateway of cluster tokyo, too');
  });

  it('is an ingress gateway where any that is declared has all of its labels', async () => {
    const spec: FaultBlock = { cluster: 'tokyo', namespace: 'default', selector: { app: 'mocka' } };
    const told = async (...selectors: Record<string, string>[]) => {
      const pods = selectors.map((selector) => ({ namespace: 'default', selector }));
      const context = { ...fakeContext(fakeSystem()), gateways: { pods, zones: [] } };
      return (await eastWestCut.plan({ name: 'cut', spec }, context)).warnings.join();
    };
    expect(await told({ app: 'ghost' }, { app: 'mocka' })).to.contain('It is the ingress gateway');
    expect(await told({ app: 'mocka', version: 'ghost' })).to.not.contain('ingress gateway');
  });

  it('is refused where the target has none', async () => {
    const spec: FaultBlock = { cluster: 'tokyo', namespace: 'istio-system' };
    expect(await errorOf(eastWestCut.plan({ name: 'cut', spec }, fakeContext(fakeSystem())))).to.match(
      /FAULT_NO_TARGET: cluster tokyo has no east-west gateway: no pod in istio-system carries istio=eastwestgateway.*share one network/,
    );
  });
});
