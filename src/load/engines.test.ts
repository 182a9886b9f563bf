import { expect } from 'chai';
import type { EngineKind, EnginePorts } from '../model/engine.ts';
import { AUTO } from '../model/engine.ts';
import type { FaultlineError } from '../model/errors.ts';
import type { PodCluster } from '../model/ports.ts';
import type { GatewayTls, Target, TargetGateway } from '../model/target.ts';
import { ENGINE_KINDS } from './engines.ts';
import type { FoundK6 } from './k6/binary.ts';
import { localK6Kind } from './k6/local/kind.ts';
import { podsK6Kind } from './k6/pods/kind.ts';
import { loadOf } from './testing/load-fixture.ts';

const TARGET: Target = {
  name: 't',
  clusters: [],
  namespaces: [],
  lockNamespace: 'default',
  observe: { namespaces: [] },
};
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

/** A target with a https gateway for each of these, and one without TLS. */
function gatewaysWith(...tls: readonly (GatewayTls | undefined)[]): Target {
  const gateways = tls.map((one, index): TargetGateway => {
    const address = { kind: 'url', protocol: 'https', host: `127.0.0.${index}`, port: 443 } as const;
    return { zone: `z${index}`, address, ...(one === undefined ? {} : { tls: one }) };
  });
  const plain: TargetGateway = {
    zone: 'plain',
    address: { kind: 'url', protocol: 'http', host: '127.0.1.1', port: 80 },
  };
  const cluster = { name: 'c', region: 'r', kubeconfig: '', context: 'c', gateways: [...gateways, plain] };
  return { ...WITH_PODS, clusters: [cluster] };
}

describe('load/engines: TLS as a target says', () => {
  const request = { load: loadOf({ connections: 'fresh' }), runId: 'r', ports: portsTo([]) };
  const refusal = async (kind: EngineKind, target: Target) =>
    kind.open({ ...request, target }).then(
      () => 'opened',
      (error: Error) => error.message,
    );
  const written: string[] = [];
  const [ca, other] = [
    { file: '/ca.pem', written },
    { file: '/other.pem', written },
  ];

  it('is what k6 can do, or is refused by name', async () => {
    const client = { cert: ca, key: ca };
    const k6 = found(K6);
    for (const one of [[{ ca }, { ca, serverName: 's' }], [], [{ insecure: true }], [{ ca, client }]] as GatewayTls[][])
      expect(await refusal(k6, gatewaysWith(...one))).to.equal('opened');
    const different = gatewaysWith({ ca }, { ca: other });
    expect(await refusal(k6, different))
      .to.contain('gateway c/z1')
      .and.to.contain('tls.ca for all, and that of c/z0 differs');
    expect(await refusal(k6, gatewaysWith(undefined, { ca }))).to.contain('gateway c/z1');
    expect(await refusal(k6, gatewaysWith({}, { insecure: true }))).to.contain('tls.insecure');
    expect(await refusal(k6, gatewaysWith({ client }, { client: { cert: other, key: ca } }))).to.contain('tls.cert');
    expect(await refusal(podsK6Kind, gatewaysWith({ ca }))).to.equal('opened');
    expect(await refusal(podsK6Kind, gatewaysWith({ client }))).to.contain('does not go into a ConfigMap');
    expect(await refusal(podsK6Kind, gatewaysWith({ serverName: 's' }))).to.equal('opened');
  });

  it('is all that a target can say, with the extension', async () => {
    const mixed = gatewaysWith({ ca }, { ca: other, client: { cert: ca, key: ca } }, { insecure: true });
    expect(await refusal(found({ ...K6, extension: true }), mixed)).to.equal('opened');
  });
});

describe('load/engines: what a scenario asks of a load', () => {
  const base = loadOf({ connections: 'fresh' });
  const entry = base.paths[0] as (typeof base.paths)[0];
  const asking = (more: Partial<typeof entry>, script?: string) => ({
    ...base,
    paths: [{ ...entry, ...more }],
    ...(script === undefined ? {} : { script }),
  });
  const refusal = (kind: EngineKind, load: typeof base) =>
    kind
      .open({
        load,
        target: WITH_PODS,
        runId: 'r',
        ports: portsTo([]),
        script: load.script === undefined ? undefined : { main: load.script, files: new Map() },
      })
      .then(
        () => 'opened',
        (error: FaultlineError) => `${error.message} ${error.hint}`,
      );
  const body = { request: { ...entry.request, body: { kind: 'text', text: 'x' } } } as const;
  const refreshed = { request: { ...entry.request, refreshed: ['x-token'] } };
  const checked = {
    good: { ...base.good, content: [{ of: 'body', expected: { matches: 'a' } }] } as (typeof base)['good'],
  };
  const rated = { ratePerSecond: 7 };
  const calls = { request: { ...entry.request, protocol: 'grpc' } } as const;
  const extended = found({ ...K6, extension: true });

  it('is done, or refused before the run by name, with a reason and a way out', async () => {
    for (const more of [body, checked, rated]) {
      for (const kind of [extended, found(K6), podsK6Kind])
        expect(await refusal(kind, asking(more))).to.equal('opened');
    }
    for (const more of [refreshed, calls]) expect(await refusal(extended, asking(more))).to.equal('opened');
    for (const kind of [found(K6), podsK6Kind]) {
      expect(await refusal(kind, asking(calls))).to.match(/has no HTTP\/2: .* hide the error\. .*`engine: undici`/);
    }
    expect(await refusal(found(K6), asking(refreshed))).to.equal(
      'k6 has no header values that are read again: without the faultline extension k6 reads its configuration once, when it begins. Run `faultline k6 build`, write `engine: undici`, or leave `refresh` out.',
    );
    expect(await refusal(podsK6Kind, asking(refreshed))).to.contain('pods read their configuration once');
    expect(await refusal(extended, asking(checked, 'a.ts'))).to.equal('opened');
    for (const more of [body, rated, refreshed, calls]) {
      expect(await refusal(extended, asking(more, 'a.ts'))).to.match(/^k6 has no .*\. [A-Z].*script.*\.$/);
    }
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
