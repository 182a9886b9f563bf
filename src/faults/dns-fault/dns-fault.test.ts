import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { dnsFault } from './index.ts';

describe('a fault of names', () => {
  it('says what it does, and that only who needs a name notices', async () => {
    const plan = await planWith(dnsFault, fakeSystem());
    expect(plan.summary).to.contain('refuse what goes to port 53').and.contain('mocka-ap-northeast-1a-abc-');
    expect(plan.objects[0]?.during).to.equal('refuse packets: calls out to anybody port 53');
    expect(plan).to.deep.include({ signature: 'degrades', cutsOff: [] });
    expect(plan.warnings.join()).to.contain('kept connections go on').and.contain('853');
    expect((await planWith(dnsFault, fakeSystem(), { packets: 'drop' })).summary).to.contain(
      'drop answers from port 53',
    );
  });

  it('hits what a sidecar or a server in the pod would answer, too: its rules come before what is spared', async () => {
    const cluster = fakeSystem();
    await dnsFault.inject(await planWith(dnsFault, cluster), fakeContext(cluster));
    const scripts = cluster.all(KINDS.pod).map(({ spec }) => JSON.stringify(spec));
    const script = scripts.find((one) => one.includes('--ctorigdstport 53')) ?? '';
    expect(script.indexOf('--ctorigdstport 53')).to.be.within(1, script.indexOf('-o lo -j RETURN'));
  });

  it('is of the pods of a workload, and of nobody else', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(dnsFault, cluster, { deployment: undefined, selector: { app: 'mockb' }, count: 1 });
    await dnsFault.inject(plan, fakeContext(cluster));
    const named = cluster.all(KINDS.pod).filter(({ spec }) => JSON.stringify(spec).includes('--ctorigdstport 53'));
    expect(named.map(({ metadata }) => metadata.labels?.app)).to.deep.equal(['mockb']);
    expect(await errorOf(planWith(dnsFault, cluster, { deployment: 'no' }))).to.contain('there are no pods');
  });
});
