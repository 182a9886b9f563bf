import { expect } from 'chai';
import type { FaultPlan } from '../model/fault.ts';
import type { Topology } from '../model/target.ts';
import { guard } from './guards.ts';
import type { PlannedFault } from './planned-run.ts';
import { BLACKHOLE, scenarioWith } from './testing/bench-run.ts';
import type { PlanInputs } from './wiring.ts';

const SITES = { tokyo: ['a', 'b'], osaka: ['a'] };

const TOPOLOGY = {
  clusters: Object.entries(SITES).map(([name, zones]) => ({ name, zones })),
} as unknown as Topology;

const INPUTS = {
  scenario: scenarioWith([BLACKHOLE]),
  target: { name: 't', namespaces: ['default'] },
} as unknown as PlanInputs;

/** Plans that cut off these zones, written `cluster/zone`. */
function cutting(...places: readonly string[]): PlannedFault[] {
  return places.map((place) => {
    const [cluster = '', zone] = place.split('/');
    const cutsOff = zone === undefined ? [] : [zone];
    const plan = { fault: place, cluster, namespaces: ['default'], cutsOff } as unknown as FaultPlan;
    return { plan, spec: BLACKHOLE } as unknown as PlannedFault;
  });
}

describe('guards: what is cut off', () => {
  it('refuses faults that together cut off every zone of every cluster', () => {
    expect(() => guard(INPUTS, TOPOLOGY, cutting('tokyo/a', 'tokyo/b', 'osaka/a'))).to.throw(
      'the faults cut off every zone of every cluster',
    );
  });

  it('lets pass what leaves a zone: a zone of the same name in another cluster is another zone', () => {
    for (const left of [
      ['tokyo/a', 'osaka/a'],
      ['tokyo/a', 'tokyo/b', 'osaka'],
      ['tokyo/a', 'tokyo/b'],
    ]) {
      expect(() => guard(INPUTS, TOPOLOGY, cutting(...left))).to.not.throw();
    }
  });

  it('does not ask it of a single cluster', () => {
    const single = { clusters: TOPOLOGY.clusters.slice(1) } as unknown as Topology;
    expect(() => guard(INPUTS, single, cutting('osaka/a'))).to.not.throw();
  });
});
