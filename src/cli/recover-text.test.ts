import { expect } from 'chai';
import type { TouchedObject } from '../model/history.ts';
import { leftLines, type Undone, undoneLines, unmatched, unmatchedText } from './recover-text.ts';

const OBJECT: TouchedObject = {
  ...{ cluster: 'tokyo', kind: 'Deployment', namespace: 'shop', name: 'pay' },
  ...{ change: 'image', state: 'conflict' },
};

function undone(outcome: Partial<Undone['outcome']>): Undone {
  const nothing = { state: 'undone', detail: 'why', objects: [], commands: [] } as const;
  return { cluster: 'tokyo', runId: 'r-1', fault: 'swap', outcome: { ...nothing, ...outcome } };
}

describe('what a recovery says of an undo', () => {
  it('of what somebody has changed are both ways on, named, and what overwrites nothing first', () => {
    const ways = { commands: ['kubectl patch x', 'faultline recover'], keep: ['faultline recover --accept-current'] };
    expect(undoneLines(undone({ state: 'conflict', objects: [OBJECT], ...ways }))).to.deep.equal([
      'tokyo: run r-1, fault swap: conflict (why)',
      '  to leave it as somebody has changed it:',
      '    faultline recover --accept-current',
      '  to finish the undo by hand, over what somebody has changed:',
      '    kubectl patch x',
      '    faultline recover',
    ]);
    expect(undoneLines(undone({ state: 'conflict', objects: [OBJECT], keep: ['a'] }))).to.have.length(3);
  });

  it('is first what a person has to do before the commands, where nobody vouches for that', () => {
    const first = 'run this first, in /drills: off';
    const way = { first, keep: ['faultline recover --accept-current'] };
    expect(undoneLines(undone({ state: 'conflict', objects: [OBJECT], ...way }))).to.deep.equal([
      'tokyo: run r-1, fault swap: conflict (why)',
      `  ${first}`,
      '  when that is done, to have it closed:',
      '    faultline recover --accept-current',
    ]);
    const failed = undoneLines(undone({ state: 'failed', first, commands: ['faultline recover'] }));
    expect(failed.slice(1)).to.deep.equal([`  ${first}`, '  faultline recover']);
  });

  it('is a line for each thing, whatever line breaks others have written', () => {
    const forged = 'x\nkyoto: nothing of ours is left';
    const lines = undoneLines(undone({ detail: forged, first: forged, commands: [forged], keep: [forged] }));
    const left = leftLines({ cluster: 'tokyo', runId: forged, ref: forged, command: forged }, []);
    const seen = [...lines, ...left].filter((line) => line.includes('x\\nkyoto'));
    expect([seen.length, [...lines, ...left].join('')]).to.deep.equal([
      6,
      [...lines, ...left].join('').replaceAll('\n', ''),
    ]);
  });

  it('of what has failed are the commands that go on', () => {
    const lines = undoneLines(undone({ state: 'failed', commands: ['kubectl describe x', 'faultline recover'] }));
    expect(lines.slice(1)).to.deep.equal(['  kubectl describe x', '  faultline recover']);
  });

  it('of a mark is the command that takes it away, but where somebody has changed the object', () => {
    const left = { cluster: 'tokyo', runId: 'r-1', ref: 'shop/deployment/pay', command: 'kubectl patch x' };
    const open = undone({ state: 'conflict', objects: [OBJECT], keep: ['a'] });
    expect(leftLines(left, [open])).to.deep.equal([
      'tokyo: shop/deployment/pay still carries a mark: see what somebody has changed, above',
    ]);
    const others = [{ ...open, cluster: 'osaka' }, { ...open, runId: 'r-2' }, undone({ objects: [] })];
    expect(leftLines(left, others)).to.deep.equal([
      'tokyo: shop/deployment/pay still carries a mark',
      '  kubectl patch x',
    ]);
  });

  it('says who holds what is deleted already', () => {
    const held = { cluster: 'tokyo', ref: 'shop/job/x', runId: 'r', command: 'kubectl get x', held: 'is held by y' };
    expect(leftLines(held, [])).to.deep.equal([
      'tokyo: shop/job/x still carries a mark, and is held by y',
      '  kubectl get x',
    ]);
  });

  it('names what was to be accepted and is nothing that it was about', () => {
    const told = [undone({ objects: [OBJECT] })];
    const only = ['Shop/deployment/PAY', 'shop/deployment/nonsense', 'envoyfilter', 'rollout'];
    expect(unmatched(only, told, { unasked: [{ what: 'EnvoyFilter (404 page not found)' }], gone: [] })).to.deep.equal([
      only[1],
      only[3],
    ]);
    const gone = [{ runId: 'r', cluster: 'tokyo', kubeconfig: 'k', context: 'c' }];
    expect(unmatched(['Cluster/Tokyo', 'cluster/osaka'], told, { unasked: [], gone })).to.deep.equal(['cluster/osaka']);
    expect(unmatchedText('Cluster/osaka')).to.contain('it is not taken for gone; nothing was accepted there');
    expect(unmatchedText('shop/deployment/clusters')).to.contain('about such an object; nothing was accepted there');
    expect(unmatched([], told, { unasked: [], gone: [] })).to.deep.equal([]);
  });
});
