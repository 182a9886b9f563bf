import { expect } from 'chai';
import { predictFrom } from './predict.ts';
import { liveSystem, PATHS, scenarioOf, swap } from './testing/live-fixture.ts';

describe('nothing is predicted of a chain', function () {
  this.timeout(20_000);

  it('where gateways send requests to another Service than the chain begins with', async () => {
    for (const [chain, first] of [
      [['mockb'], 'default/mockb'],
      [['mockb', 'mockc'], 'default/mockb'],
      [['mockc'], 'default/mockc'],
    ] as const) {
      const faults = [swap()];
      const made = await predictFrom({ scenario: scenarioOf(faults, [...chain]), paths: PATHS, faults }, liveSystem());
      expect(made, chain.join()).to.deep.equal({
        state: 'not-predicted',
        reason: `gateways send requests to default/mocka, and the call chain (load.good.chain) begins with ${first}: who calls that is not known`,
      });
    }
    const scenario = scenarioOf([swap()]);
    const split = liveSystem();
    const [route] = split.clusters.flatMap(({ virtualServices }) => virtualServices);
    const destinations = [{ destination: { host: 'mocka' } }, { destination: { host: 'mockc' }, weight: 9 }];
    Object.assign(route?.spec as object, { http: [{ route: destinations }] });
    const made = await predictFrom({ scenario, paths: PATHS, faults: [swap()] }, split);
    expect(JSON.stringify(made)).to.contain('gateways send requests to default/mockc, and the call chain');
  });

  it('not where that Service has the same pods', async () => {
    const fault = swap();
    const phases = { baselineMs: 500, holdMs: 500, recoverMs: 500 };
    const system = liveSystem();
    for (const live of system.clusters) {
      const [route] = live.virtualServices;
      Object.assign(route?.spec as object, { http: [{ route: [{ destination: { host: 'front' } }] }] });
      const mocka = live.services.find(({ metadata }) => metadata.name === 'mocka');
      if (mocka === undefined) throw new Error('no mocka');
      Object.assign(live, {
        services: [...live.services, { ...mocka, metadata: { ...mocka.metadata, name: 'front' } }],
      });
    }
    const pods = system.pods.map((pod) => ({
      ...pod,
      services: pod.services.flatMap((one) =>
        one.service === 'default/mocka' ? [one, { ...one, service: 'default/front' }] : [one],
      ),
    }));
    const scenario = { ...scenarioOf([fault]), phases };
    const made = await predictFrom({ scenario, paths: PATHS, faults: [fault] }, { ...system, pods });
    expect(made.state).to.equal('predicted');
  });

  it('of a Service that keeps calls on a node', async () => {
    const system = liveSystem();
    const mockb = system.clusters[1]?.services.find(({ metadata }) => metadata.name === 'mockb');
    Object.assign(mockb?.spec as object, { internalTrafficPolicy: 'Local' });
    const made = await predictFrom({ scenario: scenarioOf([swap()]), paths: PATHS, faults: [swap()] }, system);
    expect(made).to.deep.equal({
      state: 'not-predicted',
      reason: 'Service mockb keeps calls on the node of the caller (internalTrafficPolicy: Local), which is not played',
    });
  });
});
