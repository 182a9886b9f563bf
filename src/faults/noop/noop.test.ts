import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { noop } from './index.ts';

const KEY = 'Deployment default/mockb-ap-northeast-1a';

describe('noop', () => {
  it('plans nothing to touch and nobody to hit, and says that it is a rehearsal', async () => {
    const plan = await planWith(noop, fakeSystem());
    expect(plan).to.deep.include({
      summary: 'change nothing; look at Deployment default/mockb-ap-northeast-1a',
      signature: 'none',
      affected: [],
      objects: [],
      namespaces: ['default'],
      cutsOff: [],
    });
    expect(plan.warnings[0]).to.contain('never green');
  });

  it('refuses a Deployment that is not there', async () => {
    expect(await errorOf(planWith(noop, fakeSystem(), { deployment: 'nobody' }))).to.equal(
      'FAULT_NO_TARGET: cluster tokyo: Deployment default/nobody does not exist (kubectl -n default get deployments)',
    );
  });

  it('writes nothing, and is proven as long as its Deployment is there', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(noop, cluster);
    await noop.inject(plan, fakeContext(cluster));
    const look = () => noop.prove(plan, fakeContext(cluster));
    expect(await look()).to.deep.equal({
      proven: true,
      observed: true,
      detail: 'nothing was to happen; Deployment default/mockb-ap-northeast-1a is there as before',
    });
    const [deployment] = cluster.all(KINDS.deployment);
    if (deployment === undefined) throw new Error('there is a Deployment');
    cluster.add({ ...deployment, metadata: { ...deployment.metadata, uid: 'another' } });
    expect(await look()).to.deep.include({ proven: false, detail: `${KEY} was created anew` });
    cluster.objects.delete(KEY);
    expect(await look()).to.deep.include({ proven: false, detail: `${KEY} is gone` });
    expect(await noop.undo(plan, fakeContext(cluster))).to.deep.equal({
      state: 'undone',
      detail: 'nothing to put back: nothing was changed',
      objects: [],
      commands: [],
    });
    expect(cluster.writes).to.equal(0);
  });
});
