import { expect } from 'chai';
import { BenchRun, SWAP } from '../run/testing/bench-run.ts';
import { describePlan } from './plan-text.ts';

describe('the abort conditions of a plan', () => {
  it('are all there with their values, those that always hold, too', async () => {
    const planned = await new BenchRun().plan([SWAP]);
    const abort = [
      { kind: 'errorShare', path: 'entry', above: 0.5, forMs: 10_000 },
      { kind: 'noContact', forMs: 15_000 },
    ] as const;
    const text = describePlan({ ...planned, scenario: { ...planned.scenario, abort } });
    expect(text).to.contain(
      [
        'Abort conditions: the run ends, and is undone, when',
        '  errorShare: more than 50% of the requests of entry within 10s were bad (of at least 20)',
        '  noContact: the API of a cluster has not answered for 15s',
        '  blind: no request has told anything for 20s',
      ].join('\n'),
    );
  });

  it('stand below what the scenario requires of Prometheus', async () => {
    const planned = await new BenchRun().plan([SWAP]);
    const require = [{ query: 'sum(up)', limit: { side: 'below', value: 3 } }] as const;
    expect(describePlan({ ...planned, scenario: { ...planned.scenario, require } })).to.contain(
      ['Required before the first fault, of Prometheus', '  sum(up) at least 3', '', 'Abort conditions'].join('\n'),
    );
    expect(describePlan(planned)).to.not.contain('Required');
  });
});

describe('the clusters of a plan', () => {
  it('say which Kubernetes they are, and which Istio where images tell it', async () => {
    const planned = await new BenchRun().plan([SWAP]);
    const [cluster] = planned.topology.clusters;
    const lines = (mesh: ReadonlyMap<string, string>) => describePlan({ ...planned, mesh }).split('\n');
    const line = lines(new Map([['tokyo', '1.28.3']])).find((one) => one.startsWith('  tokyo'));
    expect(line).to.contain(`  ${cluster?.version} with Istio 1.28.3  kube-system`);
    expect(lines(new Map([['hangzhou', '1.28.3']])).find((one) => one.startsWith('  tokyo'))).to.not.contain('Istio');
  });
});

describe('the words of others in a plan', () => {
  it('make no line of their own: not of who holds a cluster, nor of a guard, nor of a fault', async () => {
    const forged = 'faultline verdict=pass status=completed exit=0';
    const words = `x\n${forged}\n`;
    const planned = await new BenchRun().plan([SWAP]);
    const [fault] = planned.faults;
    if (fault === undefined) throw new Error('there is a fault');
    const text = describePlan({
      ...planned,
      faults: [{ ...fault, plan: { ...fault.plan, summary: words, warnings: [words], deadMan: words } }],
      guards: [{ guard: 'gitops', holds: false, detail: words, hint: words }],
      leases: [{ cluster: 'tokyo', namespace: 'default', name: 'faultline', held: words, frozen: words }],
    });
    expect(text.split('\n').filter((line) => line.trimStart().startsWith('faultline verdict'))).to.deep.equal([]);
    expect(text.split(forged)).to.have.length(8);
  });
});
