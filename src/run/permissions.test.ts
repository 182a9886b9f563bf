import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import type { Target } from '../model/target.ts';
import { missingPermissions, permissionText, requirePermissions, runPermissions } from './permissions.ts';
import { BenchRun, BLACKHOLE, SWAP } from './testing/bench-run.ts';

const TARGET: Target = { name: 't', namespaces: ['a', 'b'], observe: { namespaces: [] }, clusters: [] };

const texts = (kind: string) =>
  runPermissions(TARGET, faultKind(kind)).map(({ verb, kind: asked, namespace }) => `${verb} ${asked} ${namespace}`);

describe('the permissions of a run', () => {
  it('are those of the fault, of the journal in the first namespace, and of the search for what it marks in all', () => {
    const journal = ['get', 'list', 'create', 'patch', 'delete'].map((verb) => `${verb} ConfigMap a`);
    const search = (kind: string) => [`list ${kind} a`, `list ${kind} b`];
    expect(texts('imageSwap')).to.deep.equal([...journal, ...search('Deployment'), ...search('ConfigMap')]);
    expect(texts('podKill')).to.deep.equal([...journal, ...search('ConfigMap')]);
    expect(texts('zoneBlackhole')).to.include.members([...search('Pod'), ...search('NetworkPolicy'), ...search('Job')]);
  });

  it('are asked once each, and refused together with their places', async () => {
    const bench = new BenchRun();
    const asked: string[] = [];
    bench.cluster.allows = (verb, { kind }, namespace) => {
      asked.push(`${verb} ${kind} ${namespace}`);
      return kind !== 'Node' && verb !== 'delete';
    };
    const run = await bench.plan([SWAP, BLACKHOLE]);
    expect(new Set(asked).size).to.equal(asked.length);
    expect(asked).to.include.members(['list Node ', 'patch Deployment default', 'list Job default']);
    expect(() => requirePermissions(run)).to.throw(
      /^the API does not allow: list Node in tokyo; delete ConfigMap in tokyo\/default; delete NetworkPolicy in tokyo\/default; delete Job in tokyo\/default$/,
    );
    expect(() => requirePermissions({ permissions: [] })).to.not.throw();
  });

  it('can be asked for a kind before there is a plan', async () => {
    const { cluster } = new BenchRun();
    expect(await missingPermissions(cluster, TARGET, faultKind('podKill'))).to.deep.equal([]);
    cluster.allows = (verb, { kind }, namespace) => verb !== 'delete' && kind !== 'Node' && namespace !== 'b';
    expect(await missingPermissions(cluster, TARGET, faultKind('podKill'))).to.deep.equal([
      'delete Pod in tokyo/a',
      'list Pod in tokyo/b',
      'delete Pod in tokyo/b',
      'list Node in tokyo',
      'delete ConfigMap in tokyo/a',
      'list ConfigMap in tokyo/b',
    ]);
  });

  it('let a run of each kind come to its end when nothing else is allowed, the search for leftovers included', async () => {
    for (const kind of FAULT_KINDS) {
      const bench = new BenchRun();
      const spec = { ...BLACKHOLE.spec, ...SWAP.spec, zone: 'ap-northeast-1a', count: 1, gracePeriod: 0 };
      const run = await bench.plan([{ name: 'one', kind: kind.kind, afterMs: 0, spec }]);
      const granted = new Set(run.permissions.map(permissionText));
      bench.cluster.before = ({ verb, kind: asked, namespace }) => {
        const text = permissionText({ apiVersion: '', verb, kind: asked, namespace, cluster: 'tokyo' });
        if (!granted.has(text)) throw new Error(`not allowed: ${text}`);
      };
      const end = await bench.run([{ name: 'one', kind: kind.kind, afterMs: 0, spec }]);
      expect(end, kind.kind).to.deep.equal({ status: 'completed' });
      const leftovers = bench.events.flatMap((event) => (event.type === 'leftovers' ? event.objects : []));
      expect(leftovers, kind.kind).to.deep.equal([]);
    }
  });
});
