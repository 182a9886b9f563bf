import { expect } from 'chai';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Cluster, ObserveTrouble } from '../model/ports.ts';
import { keep, listOf } from './lists.ts';
import type { Trouble, Troubles } from './troubles.ts';

describe('lists that are kept', () => {
  it('are named for people by kind, place and selector', () => {
    expect(listOf(KINDS.node).what).to.equal('Nodes');
    expect(listOf(KINDS.pod, { namespace: 'shop' }).what).to.equal('Pods in shop');
    expect(listOf(KINDS.pod, { namespace: 'edge', labelSelector: 'a=b' }).what).to.equal('Pods in edge with a=b');
    expect(listOf(KINDS.node).current).to.equal(undefined);
  });

  it('hold what was last told, pass on troubles, and are over when every observation is', async () => {
    const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const tells: ((objects: readonly KubeObject[]) => void)[] = [];
    const troubles: ((trouble: ObserveTrouble) => void)[] = [];
    const observe: Cluster['observe'] = (_kind, _filter, tell, _signal, trouble = () => {}) => {
      tells.push(tell);
      troubles.push(trouble);
      return ends[tells.length - 1]?.promise ?? Promise.resolve();
    };
    const lists = [listOf(KINDS.node), listOf(KINDS.pod, { namespace: 'shop' })];
    const told: Trouble[] = [];
    let changes = 0;
    let over = false;
    const keeping = keep(
      { observe } as Cluster,
      lists,
      {
        onChange: () => {
          changes++;
        },
        troubles: { add: (trouble: Trouble) => told.push(trouble) } as unknown as Troubles,
      },
      new AbortController().signal,
    ).then(() => {
      over = true;
    });
    const pods = [{ ...KINDS.pod, metadata: { name: 'm-1' } }];
    tells[1]?.(pods);
    expect([lists[0]?.current, lists[1]?.current, changes]).to.deep.equal([undefined, pods, 1]);
    troubles[1]?.({ cannot: 'watch', reason: '403' });
    expect(told).to.deep.equal([{ cannot: 'watch', reason: '403', kind: 'Pod', what: 'Pods in shop' }]);
    ends[0]?.resolve();
    await new Promise(setImmediate);
    expect(over).to.equal(false);
    ends[1]?.resolve();
    await keeping;
    expect(over).to.equal(true);
  });
});
