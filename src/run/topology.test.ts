import { expect } from 'chai';
import { fakeSystem } from '../faults/testing/fake-system.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Json, PathTemplate } from '../model/scenario.ts';
import type { GatewayTls, PathTls, TargetGateway } from '../model/target.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
import { scenarioWith } from './testing/bench-run.ts';
import { resolveTopology, topologyNeeds } from './topology.ts';
import type { OpenCluster } from './wiring.ts';

const url = (zone: string, port = 80): TargetGateway => ({
  zone,
  address: { kind: 'url', protocol: 'https', host: `gw.${zone}`, port },
});
const service = (zone: string): TargetGateway => ({
  zone,
  address: { kind: 'service', protocol: 'http', namespace: 'ingress', name: 'nlb', port: 8080 },
});
const TARGET = {
  name: 'staging',
  clusters: [],
  namespaces: ['default'],
  lockNamespace: 'default',
  observe: { namespaces: [] },
};

/** A cluster of this name, whose gateway Service has this status. */
function open(name: string, gateways: readonly TargetGateway[], status: Json = {}, uid?: string): OpenCluster {
  const fake = fakeSystem();
  fake.add({ ...KINDS.service, metadata: { namespace: 'ingress', name: 'nlb' }, status });
  const cluster = alteredCluster(fake, {
    name,
    region: `region-of-${name}`,
    kubectl: { context: name },
    identity: async () => ({ uid: `uid-of-${name}`, server: `https://${name}`, version: 'v1.36.0' }),
  });
  return { cluster, kubeconfig: 'kubeconfig', context: name, uid, gateways };
}

function resolved(
  clusters: readonly OpenCluster[],
  via: PathTemplate['via'] = 'each-gateway-zone',
  request: Partial<PathTemplate['request']> = {},
) {
  const scenario = scenarioWith([]);
  const [path] = scenario.load.paths;
  if (path === undefined) throw new Error('the scenario has a path');
  const load = { ...scenario.load, paths: [{ ...path, via, request: { ...path.request, ...request } }] };
  const byName = new Map(clusters.map((one) => [one.cluster.name, one]));
  return resolveTopology({ ...scenario, load }, TARGET, byName);
}

async function refusal(promise: Promise<unknown>): Promise<FaultlineError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FaultlineError) return error;
  throw new Error(`it was to be refused: ${String(error)}`);
}

const TWO = () => [open('tokyo', [url('a'), url('b')]), open('osaka', [url('c'), url('a', 81)])];

describe('the topology of a target', () => {
  it('is who the clusters say they are, with the zones of their gateways', async () => {
    const { clusters } = await resolved([open('tokyo', [url('a'), url('b'), url('a', 81)])]);
    expect(clusters).to.deep.equal([
      {
        name: 'tokyo',
        region: 'region-of-tokyo',
        zones: ['a', 'b'],
        uid: 'uid-of-tokyo',
        server: 'https://tokyo',
        version: 'v1.36.0',
      },
    ]);
  });

  it('has a path through every gateway zone', async () => {
    const { paths } = await resolved(TWO());
    expect(paths.map(({ id }) => id)).to.deep.equal([
      'entry@tokyo/a',
      'entry@tokyo/b',
      'entry@osaka/c',
      'entry@osaka/a',
    ]);
    expect(paths[3]).to.deep.equal({
      id: 'entry@osaka/a',
      name: 'entry',
      cluster: 'osaka',
      region: 'region-of-osaka',
      zone: 'a',
      protocol: 'https',
      host: 'gw.a',
      port: 81,
    });
  });

  it('has only the paths that are named, by zone or by zone and cluster', async () => {
    const ids = async (via: PathTemplate['via']) => (await resolved(TWO(), via)).paths.map(({ id }) => id);
    expect(await ids([{ zone: 'a' }])).to.deep.equal(['entry@tokyo/a', 'entry@osaka/a']);
    expect(await ids([{ zone: 'a', cluster: 'osaka' }])).to.deep.equal(['entry@osaka/a']);
    expect(await ids([{ zone: 'c' }, { zone: 'b', cluster: 'tokyo' }])).to.deep.equal([
      'entry@tokyo/b',
      'entry@osaka/c',
    ]);
  });

  it('says of a path that HTTP/2 is spoken, where its request is of that or of gRPC', async () => {
    const spoken = async (request: Partial<PathTemplate['request']>) =>
      (await resolved([open('one', [url('a')])], 'each-gateway-zone', request)).paths.map(({ http2 }) => http2);
    expect(await spoken({})).to.deep.equal([undefined]);
    expect(await spoken({ protocol: 'http2' })).to.deep.equal([true]);
    expect(await spoken({ protocol: 'grpc' })).to.deep.equal([true]);
  });

  it('says of a path what of TLS is out of the usual, each by itself, and no key or place of one', async () => {
    const file = { kind: 'file', path: '/secret.pem' } as unknown as NonNullable<GatewayTls['ca']>;
    const said: readonly [GatewayTls, PathTls][] = [
      [{}, {}],
      [{ ca: file }, { ownAuthority: true }],
      [{ client: { cert: file, key: file } }, { clientCertificate: true }],
      [{ serverName: 'shop.example' }, { serverName: 'shop.example' }],
      [{ insecure: true }, { insecure: true }],
    ];
    for (const [tls, told] of said) {
      const { paths } = await resolved([open('tokyo', [{ ...url('a'), tls }])]);
      expect(paths.map((path) => path.tls)).to.deep.equal([told]);
    }
  });

  it('refuses a path that no gateway has, and says which there are', async () => {
    const error = await refusal(resolved(TWO(), [{ zone: 'c', cluster: 'tokyo' }]));
    expect(error).to.include({
      code: 'NAME_UNKNOWN',
      message: 'path entry: target staging has no such gateway zone',
      hint: 'It has: tokyo/a, tokyo/b, osaka/c, osaka/a',
    });
    expect((await refusal(resolved([open('tokyo', [])]))).hint).to.equal('It has no gateways.');
  });

  it('refuses a cluster that is not the one of the targets file', async () => {
    const error = await refusal(resolved([open('tokyo', [url('a')], {}, 'another')]));
    expect(error.code).to.equal('TARGET_MISMATCH');
    expect(error.message).to.equal(
      'cluster tokyo: https://tokyo has kube-system UID uid-of-tokyo, the targets file expects another',
    );
    expect((await resolved([open('tokyo', [url('a')], {}, 'uid-of-tokyo')])).clusters).to.have.length(1);
  });

  it('refuses one cluster under two names, wherever each is reached', async () => {
    const again = open('again', [url('c')]);
    const cluster = alteredCluster(again.cluster, {
      identity: async () => ({ uid: 'uid-of-tokyo', server: 'https://10.0.0.1', version: 'v1.36.0' }),
    });
    const error = await refusal(resolved([...TWO(), { ...again, cluster }]));
    expect(error.code).to.equal('TARGET_MISMATCH');
    expect(error.message).to.equal(
      'clusters tokyo (https://tokyo) and again (https://10.0.0.1) are one: both have kube-system UID uid-of-tokyo',
    );
  });

  it('reads the address of a gateway from its Service, by IP or by name', async () => {
    const host = async (ingress: Json) => {
      const { paths } = await resolved([open('tokyo', [service('a')], { loadBalancer: { ingress } })]);
      return paths.map((path) => [path.protocol, path.host, path.port]);
    };
    expect(await host([{ ip: '10.0.0.1', hostname: 'lb' }])).to.deep.equal([['http', '10.0.0.1', 8080]]);
    expect(await host([{ hostname: 'lb' }])).to.deep.equal([['http', 'lb', 8080]]);
  });

  it('refuses a gateway Service that has no address yet, or is not there', async () => {
    for (const status of [{}, { loadBalancer: {} }, { loadBalancer: { ingress: [] } }]) {
      const error = await refusal(resolved([open('tokyo', [service('a')], status)]));
      expect(error).to.include({
        code: 'TARGET_UNREACHABLE',
        message: 'cluster tokyo: Service ingress/nlb has no load balancer address, being of type ClusterIP',
        hint: 'kubectl --context tokyo -n ingress get service nlb',
      });
    }
    const gone = open('tokyo', [service('a')]);
    const cluster = alteredCluster(gone.cluster, { get: async () => undefined });
    expect(await refusal(resolved([{ ...gone, cluster }]))).to.include({
      message: 'cluster tokyo: Service ingress/nlb does not exist',
      hint: 'kubectl --context tokyo -n ingress get services',
    });
  });

  it('needs the identity of the cluster, and the Services that it reads addresses from', () => {
    const needs = topologyNeeds(open('tokyo', [url('a'), service('b')]));
    expect(needs.map(({ verb, kind, namespace, name }) => [verb, kind, namespace, name])).to.deep.equal([
      ['get', 'Namespace', 'kube-system', 'kube-system'],
      ['get', 'Service', 'ingress', 'nlb'],
    ]);
  });
});
