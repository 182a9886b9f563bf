import { expect } from 'chai';
import { draw } from './draw.ts';
import { moveOf, type PlannedFault } from './moves.ts';
import { predictFrom } from './predict.ts';
import { type Difference, liveSystem, PATHS, planned, scenarioOf, swap } from './testing/live-fixture.ts';

const HOME = 'ap-northeast-1a';
const NEXT = 'ap-northeast-1b';

describe('what is predicted of two networks', () => {
  it('is as of one, while calls stay in their own', async () => {
    const system = liveSystem({ networks: true });
    const fault = swap();
    const move = moveOf(fault, system);
    if ('unknown' in move) throw new Error(move.unknown);
    const chain = ['default/mocka', 'default/mockb', 'default/mockc'];
    const question = {
      system,
      scenario: scenarioOf([fault]),
      paths: PATHS,
      chain,
      moves: [move],
      hit: ['default/mockb'],
    };
    const { requests, crossing } = await draw({ ...question, callers: [-1, 0, 1] }, () => 0.5);
    const [last] = requests.filter(({ path, bad }) => !bad && path === `entry@tokyo/${HOME}`).slice(-1);
    expect([crossing, last?.hops.find(({ service }) => service === 'default/mockb')?.zone]).to.deep.equal([
      undefined,
      NEXT,
    ]);
  });

  it('is nothing once a call leaves its own by a gateway, and why', async () => {
    const faults = [swap(), swap(NEXT)];
    const system = liveSystem({ networks: true });
    const prediction = await predictFrom({ scenario: scenarioOf(faults), paths: PATHS, faults }, system);
    if (prediction.state === 'predicted') throw new Error('it was');
    expect(prediction.reason).to.match(
      /^calls of default\/mockb from ap-northeast-1[ab] leave their network by the east-west gateway way-into-hangzhou:15443:/,
    );
  });
});

describe('what is predicted of an east-west gateway that is cut', () => {
  const cut = (pod: string): PlannedFault =>
    planned(
      { name: 'cut', kind: 'eastWestCut', afterMs: 0, spec: {}, move: { kind: 'crossings', why: 'it is a way in' } },
      [pod],
      'istio-system',
    );
  const madeOf = (difference: Difference, pod: string) => {
    const move = moveOf(cut(pod), liveSystem(difference));
    return 'unknown' in move ? move.unknown : move.kind;
  };

  it('is nothing for who stays in his network, and not known where it is the way of clients, or no gateway is known', () => {
    expect(madeOf({ networks: true }, 'way-in')).to.equal('nothing');
    expect(madeOf({ networks: true }, `gateway-${HOME}`)).to.contain('is not played');
    expect(madeOf({}, 'way-in')).to.contain('is not played');
  });
});
