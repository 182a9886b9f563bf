import { expect } from 'chai';
import type { FaultKind } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import { ALL_AFFECTED, type Toll } from '../model/toll.ts';
import { planned, stageSystem } from './testing/conformance/stage.ts';
import { STAGED_KINDS } from './testing/staged.ts';
import { planWith } from './testing/steps.ts';

const kindOf = (name: string) => STAGED_KINDS.find(({ kind }) => kind === name) as FaultKind;

const pods = (toll: Toll | undefined) => (toll?.to?.kind === 'pods' ? toll.to.pods : []);

/** Kinds whose examples take something else than all that their affected pods are asked, and what. */
const OTHERS: Readonly<Record<string, (tolls: readonly Toll[]) => void>> = {
  clientFault: ([toll, ...more]) => {
    const to = { kind: 'service', service: 'default/mockb' };
    expect([toll, more]).to.deep.equal([{ to, by: { kind: 'affected' }, named: true, share: 1 }, []]);
  },
  podKill: ([toll]) => expect(pods(toll), 'in any round').to.have.length(1),
  containerKill: ([toll]) => expect(pods(toll), 'in any round').to.have.length(1),
  podNetwork: ([toll]) => expect(pods(toll)).to.have.length(1),
  networkPartition: (tolls) =>
    expect(tolls.map(({ to, by, share }) => [to?.kind, by?.kind, share].join(' '))).to.include.members([
      'pods addresses 1',
      'addresses pods 1',
    ]),
  dnsFault: ([toll]) =>
    expect([toll?.by?.kind, toll?.to, toll?.port, toll?.share]).to.deep.equal(['pods', undefined, 53, 1]),
  eastWestCut: (tolls) => {
    const across = { to: { kind: 'inside' }, by: { kind: 'outside' }, share: 1 };
    expect(tolls).to.deep.equal([...ALL_AFFECTED, across]);
  },
  controlPlaneDown: (tolls) => expect(tolls).to.deep.equal([]),
  cpuStress: (tolls) => expect(tolls).to.deep.equal([]),
  noop: (tolls) => expect(tolls).to.deep.equal([]),
};

describe('what kinds of fault take', () => {
  for (const kind of STAGED_KINDS) {
    it(`is told by ${kind.kind}`, async () => {
      const { tolls } = await planned(kind, stageSystem());
      const check = OTHERS[kind.kind];
      if (check === undefined) expect(tolls).to.deep.equal(ALL_AFFECTED);
      else check(tolls);
    });
  }

  it('is as much as is settled, and more where it is not', async () => {
    const tolls = async (name: string, fields: Parameters<typeof planWith>[2]) =>
      (await planWith(kindOf(name), stageSystem(), fields)).tolls;
    for (const kind of ['podKill', 'containerKill'])
      expect(await tolls(kind, { every: undefined }), `${kind}, once`).to.deep.equal(ALL_AFFECTED);
    for (const kind of ['manifest', 'hook'])
      expect(await tolls(kind, { effect: 'degrades' }), `${kind}, as it says itself`).to.deep.equal([]);
    const cluster = stageSystem();
    for (const { spec } of cluster.all(KINDS.deployment)) Object.assign(spec as object, { replicas: 3 });
    expect((await planWith(kindOf('scale'), cluster, { replicas: 1 })).tolls).to.deep.equal([
      { to: { kind: 'affected' }, share: 1, most: 2 },
    ]);
  });
});
