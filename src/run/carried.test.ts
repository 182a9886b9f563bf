import { expect } from 'chai';
import { faultKind } from '../faults/index.ts';
import { fakeSystem } from '../faults/testing/fake-system.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS, RUN_LABEL } from '../model/kubernetes.ts';
import { searchCarried } from './carried.ts';
import { virtualClock } from './testing/virtual-clock.ts';

const MARKED = { namespace: 'default', labels: { [RUN_LABEL]: 'one' } };
const [SWAP, POLICY, DRAIN] = [faultKind('imageSwap'), faultKind('zoneNetworkPolicy'), faultKind('nodeDrain')];

/** A cluster to which marks of a run were carried. */
function carriedTo() {
  const cluster = fakeSystem();
  cluster.add({ ...KINDS.networkPolicy, metadata: { ...MARKED, name: 'deny' } });
  cluster.add({ ...KINDS.deployment, metadata: { ...MARKED, name: 'swapped' } });
  const { namespace: _, ...metadata } = MARKED;
  cluster.add({ ...KINDS.node, metadata: { ...metadata, name: 'cordoned' } });
  return cluster;
}

async function search(cluster: ReturnType<typeof carriedTo>, scope = {}, runId: string | undefined = 'one') {
  const all = { namespaces: ['default', 'shop'], kinds: [], carried: [SWAP, POLICY, DRAIN], ...scope };
  const { leftovers, unread } = await searchCarried(cluster, all, runId, virtualClock());
  return [leftovers.map(({ ref }) => ref).sort(), unread] as const;
}

describe('a search for what was carried from another cluster', () => {
  it('finds marks of these kinds of fault, of a run or of all, in the namespaces of the target and of the whole cluster', async () => {
    const all = ['default/deployment/swapped', 'default/networkpolicy/deny', 'node/cordoned'];
    expect(await search(carriedTo())).to.deep.equal([all, undefined]);
    expect(await search(carriedTo(), {}, 'two')).to.deep.equal([[], undefined]);
    expect(await search(carriedTo(), { carried: [SWAP] })).to.deep.equal([all.slice(0, 1), undefined]);
  });

  it('asks for nothing that is looked for anyway, nor where there is nothing to look for', async () => {
    for (const scope of [{ kinds: [SWAP, POLICY, DRAIN] }, { carried: [] }]) {
      const cluster = carriedTo();
      expect(await search(cluster, scope)).to.deep.equal([[], undefined]);
      expect(cluster.requests).to.equal(0);
    }
  });

  it('names what it may not look for, where and why, and finds the rest', async () => {
    const cluster = carriedTo();
    cluster.allows = (_, { kind }, namespace) => kind !== 'Node' && (kind !== 'Deployment' || namespace === 'shop');
    cluster.before = ({ kind, namespace }) => {
      if (kind === 'NetworkPolicy' && namespace === 'shop') throw new FaultlineError('KUBE_API', '500 no');
    };
    expect(await search(cluster)).to.deep.equal([
      ['default/networkpolicy/deny'],
      {
        kinds: ['deployment', 'networkpolicy', 'node'],
        answers: { networkpolicy: '500 no' },
        namespaces: ['default', 'shop', 'the whole cluster'],
      },
    ]);
  });

  it('asks again where one request fails, and takes a kind that is not served for one of which nothing is there', async () => {
    const cluster = carriedTo();
    let failures = 1;
    cluster.before = ({ kind }) => {
      if (kind === 'Deployment' && failures-- > 0) throw new FaultlineError('KUBE_API', '503 no');
      if (kind === 'NetworkPolicy') throw new FaultlineError('KIND_NOT_SERVED', 'no');
    };
    expect(await search(cluster, { carried: [SWAP, POLICY] })).to.deep.equal([
      ['default/deployment/swapped'],
      undefined,
    ]);
  });
});
