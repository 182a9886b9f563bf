import { expect } from 'chai';
import type { EngineKind, EnginePorts } from '../model/engine.ts';
import { AUTO } from '../model/engine.ts';
import type { PodCluster } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import { ENGINE_KINDS } from './engines.ts';
import type { FoundK6 } from './k6/binary.ts';
import { localK6Kind } from './k6/local/kind.ts';
import { podsK6Kind } from './k6/pods/kind.ts';

const TARGET: Target = { name: 't', clusters: [], namespaces: [], observe: { namespaces: [] } };
const WITH_PODS: Target = {
  ...TARGET,
  loadCluster: { kubeconfig: '', context: 'load', namespace: 'n', pods: 3, image: 'grafana/k6:2' },
};

/** A load cluster that allows everything but these, such as "create TestRun". */
function portsTo(refused: readonly string[]): EnginePorts {
  const cluster: Pick<PodCluster, 'identity' | 'can'> = {
    identity: async () => ({ uid: 'u', server: 'https://api', version: '1' }),
    can: async (verb, { kind }) => !refused.includes(`${verb} ${kind}`),
  };
  return { openCluster: () => cluster as PodCluster };
}

const K6: FoundK6 = { path: '/bin/k6', from: 'PATH', version: '2.2.0', extension: false, problem: undefined };
const found = (...all: FoundK6[]): EngineKind => localK6Kind(async () => all);

describe('load/engines: every engine', () => {
  it('has a name of its own that is not the word for a choice, and says what it is', () => {
    const names = ENGINE_KINDS.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    expect(names).to.not.include(AUTO);
    for (const { doc, name } of ENGINE_KINDS) expect(doc, name).to.match(/^[a-z].*[^.]$/);
  });

  it('is for every load, where it is the default', () => {
    const [first] = ENGINE_KINDS;
    expect(first.freshOnly).to.equal(undefined);
    expect(first.carries?.({ connections: 'kept' })).to.be.greaterThan(0);
    expect(first.describe({}, TARGET)).to.deep.equal([]);
  });

  it('keeps an open model at any rate, where `auto` may take it as the last', () => {
    const last = ENGINE_KINDS.filter(({ carries }) => carries !== undefined).at(-1);
    expect(last?.carries?.({ connections: 'fresh' })).to.equal(Number.POSITIVE_INFINITY);
  });
});

describe('load/engines: k6 on this machine', () => {
  it('is said in a plan, with its script', () => {
    expect(found().describe({}, TARGET)).to.deep.equal(['  sent by k6']);
    expect(found().describe({ script: 'a.ts' }, TARGET)).to.deep.equal(['  sent by k6, with the script a.ts']);
  });

  it('is looked at: with the extension, without it, broken, absent', async () => {
    const look = async (...all: FoundK6[]) => (await found(...all).doctor(TARGET, portsTo([])))[0];
    const extended = { ...K6, path: '/opt/k6', extension: true };
    expect(await look(K6, extended)).to.deep.equal({
      what: 'k6',
      ok: true,
      detail: '2.2.0 with the faultline extension, /opt/k6 (PATH)',
    });
    expect(await look(K6)).to.include({
      ok: true,
      detail: '2.2.0 without the faultline extension, /bin/k6 (PATH): for fresh connections only',
    });
    const broken = await look({ ...K6, problem: 'it is no k6' });
    expect(broken).to.include({ ok: false, optional: true, detail: '/bin/k6 (PATH): it is no k6' });
    expect(broken?.fix).to.match(/^faultline k6 build/);
    expect(await look()).to.include({ ok: false, optional: true, detail: 'no k6 was found' });
  });
});

describe('load/engines: k6 in pods', () => {
  it('is said in a plan, with what it creates, and that it would be refused without a cluster', () => {
    expect(podsK6Kind.describe({ script: 'a.ts' }, WITH_PODS)).to.deep.equal([
      '  sent by k6 from 3 pods (grafana/k6:2) of cluster load, with the script a.ts',
      '    creates a TestRun and a ConfigMap in n, and deletes both at the end',
    ]);
    expect(podsK6Kind.describe({}, TARGET)).to.deep.equal(['  sent from pods: REFUSED, the target has no loadCluster']);
  });

  it('is looked at where the target has a cluster for it, right by right', async () => {
    expect(await podsK6Kind.doctor(TARGET, portsTo([]))).to.deep.equal([]);
    expect(await podsK6Kind.doctor(undefined, portsTo([]))).to.deep.equal([]);
    const what = 'load cluster load';
    expect(await podsK6Kind.doctor(WITH_PODS, portsTo([]))).to.deep.equal([
      { what, ok: true, detail: 'https://api, has the CRD TestRun, namespace n' },
    ]);
    expect(await podsK6Kind.doctor(WITH_PODS, portsTo(['patch ConfigMap', 'get Pod']))).to.deep.equal([
      { what, ok: false, detail: 'not allowed in namespace n: patch ConfigMap, get Pod/log, get Pod/proxy' },
    ]);
    const closed: EnginePorts = {
      openCluster: () => {
        throw new Error('no such context');
      },
    };
    const [problem] = await podsK6Kind.doctor(WITH_PODS, closed);
    expect(problem).to.include({ what, ok: false, detail: 'no such context' });
    expect(problem?.fix).to.match(/^Install the k6-operator/);
  });
});
