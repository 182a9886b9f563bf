import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Diagnostic } from '../../model/errors.ts';
import { checkScenarioFile, InvalidFile, loadScenario } from '../files/load-files.ts';
import type { OpenTarget } from '../targets/index.ts';
import { refuseUnknownPlaces } from './known-places.ts';

const node = (zone: string) => ({ metadata: { name: zone, labels: { 'topology.kubernetes.io/zone': zone } } });

const SERVICES = ['mocka', 'mockb'].map((name) => ({ metadata: { name, namespace: 'default' } }));

/** A target of two clusters with these nodes; undefined: it does not tell them. */
function target(nodes: readonly string[] | undefined): OpenTarget {
  const list = async ({ kind }: { kind: string }) => {
    if (nodes === undefined) throw new Error('forbidden');
    if (kind === 'Service') return SERVICES;
    return kind === 'Node' ? nodes.map(node) : [];
  };
  const open = (name: string, region: string, zones: string[]) => [
    name,
    { cluster: { name, region, list }, gateways: zones.map((zone) => ({ zone })) },
  ];
  const clusters = new Map([
    open('tokyo', 'ap-northeast-1', ['ap-northeast-1a', 'ap-northeast-1b']),
    open('hangzhou', 'cn-hangzhou', ['cn-hangzhou-h']),
  ] as never);
  return { target: { observe: { namespaces: ['default'] } }, clusters } as unknown as OpenTarget;
}

const refused = async (nodes: readonly string[] | undefined, setting: string) => {
  const { value } = loadScenario('scenarios/service-failover.yaml', [setting]);
  const error = await refuseUnknownPlaces(value, target(nodes)).catch((reason: unknown) => reason);
  return error instanceof InvalidFile ? error.diagnostics.map(({ message }) => message) : error;
};

describe('a scenario and its target', () => {
  it('know the same zones: those of nodes and of gateways', async () => {
    const order = (zone: string) => `spec.expect.failoverOrder.order=[{zone: ${zone}}]`;
    expect(await refused(['spare'], order('spare'))).to.equal(undefined);
    expect(await refused(['spare'], order('ap-northeast-1b'))).to.equal(undefined);
    expect(await refused(['spare'], order('mars'))).to.deep.equal(['the target has no zone `mars`']);
  });

  it('are not compared by zones that nobody may read, but by clusters', async () => {
    expect(await refused(undefined, 'spec.expect.failoverOrder.order=[{zone: mars}]')).to.equal(undefined);
    expect(await refused(undefined, 'spec.expect.failoverOrder.order=[{cluster: mars}]')).to.have.length(1);
  });
});

describe('the host of a fault', () => {
  const TEXT = readFileSync('scenarios/service-failover.yaml', 'utf8');
  const withHost = (host: string) => {
    const block = `{cluster: tokyo, namespace: default, callers: {app: mocka}, host: ${host}, status: 503}`;
    const text = TEXT.replace('  faults:\n', `  faults:\n    - name: told\n      clientFault: ${block}\n`);
    return checkScenarioFile(text, 'drill.yaml');
  };
  const wordsOf = (diagnostics: readonly Diagnostic[]) =>
    diagnostics.map(({ file, line, message, hint }) => `${file}:${line} ${message}; ${hint}`);

  /** What `validate` says, or else what `plan` says of a target. */
  async function said(host: string, isRead = true): Promise<string[]> {
    const parsed = withHost(host);
    if (!parsed.ok) return ['validate', ...wordsOf(parsed.diagnostics)];
    const error = await refuseUnknownPlaces(parsed.value, target(isRead ? ['spare'] : undefined)).catch(
      (reason: unknown) => reason,
    );
    return error instanceof InvalidFile ? ['plan', ...wordsOf(error.diagnostics)] : [];
  }

  it('is a Service, by its name or its full one, or a host that is none of Kubernetes', async () => {
    for (const host of [
      'mockb',
      'mockb.default.svc.cluster.local',
      'api.example.com',
      'example.com',
      'x.far.svc.cluster.local',
    ])
      expect(await said(host), host).to.deep.equal([]);
  });

  it('is not a part of a full name, which Istio compares as it stands', async () => {
    for (const host of ['mockb.default', 'mockb.default.svc', 'mockb.default.svc.cluster', 'mockb.far.svc']) {
      const [where, what = '', ...more] = await said(host);
      expect([where, ...more]).to.deep.equal(['validate']);
      expect(what).to.match(/^(?:.*scenarios\/)?\w[^:]*:\d+ `mockb\.[^`]+` is no Service to the mesh/);
      expect(what).to.match(/; write mockb\.(?:default|far)\.svc\.cluster\.local$/);
    }
  });

  it('is one of the Services of a namespace that is observed, where those may be read', async () => {
    for (const host of ['mockc', 'mockc.default.svc.cluster.local']) {
      const [where, what = ''] = await said(host);
      expect(where).to.equal('plan');
      expect(what).to.contain('no cluster of the target has the Service `default/mockc`; did you mean `default/mock');
      expect(await said(host, false), 'unread').to.deep.equal([]);
    }
  });
});
