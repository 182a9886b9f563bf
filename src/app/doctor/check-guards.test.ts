import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fakeSystem } from '../../faults/testing/fake-system.ts';
import { ENABLED_LABEL, KINDS } from '../../model/kubernetes.ts';
import type { Target } from '../../model/target.ts';
import { freezeRef, leaseRef } from '../../run/lock-objects.ts';
import type { OpenTarget } from '../targets/index.ts';
import { checkGuarded } from './check-guards.ts';

const CONTEXT = 'staging';
const TARGET: Target = {
  name: 'teams',
  clusters: [],
  namespaces: ['default'],
  lockNamespace: 'default',
  observe: { namespaces: ['default'] },
};
const IMAGE = 'registry.example/faultline:1';

type Made = { context?: string; uid?: string; enabled?: boolean; server?: string; target?: Partial<Target> };

/** A target of one cluster, as somebody has it. */
function opened({ context = CONTEXT, uid, enabled, server = 'https://api.example:6443', target = {} }: Made = {}) {
  const cluster = Object.assign(fakeSystem(), {
    kubectl: { context },
    identity: async () => ({ uid: 'uid-1', server, version: 'v1.36.0+faultline-sandbox' }),
  });
  const labels = enabled ? { [ENABLED_LABEL]: 'true' } : {};
  cluster.add({ ...KINDS.namespace, metadata: { name: 'default', labels } });
  const address = { kind: 'url', protocol: 'http', host: '127.0.0.1', port: 1 };
  const gateways = [{ zone: 'ap-northeast-1a', address }];
  const open = { cluster, context, uid, kubeconfig: '', gateways };
  const clusters = new Map([['tokyo', open]]);
  const whole = { target: { ...TARGET, ...target }, clusters, ephemeral: false, prometheus: () => undefined };
  return { cluster, open: whole as unknown as OpenTarget };
}

const marks = async (made: Made, file?: string) =>
  (await checkGuarded(opened(made).open, file)).map(
    ({ what, ok, optional }) => `${ok ? 'ok' : optional ? 'absent' : 'MISSING'} ${what}`,
  );

describe('what doctor says of the guards of a target', () => {
  it('is what each would refuse there, and what mends it', async () => {
    const checks = await checkGuarded(opened({ context: 'prod-1' }).open, undefined);
    const refused = checks.filter(({ ok }) => !ok);
    expect(refused.map(({ what, optional }) => [what, optional ?? false])).to.deep.equal([
      ['guard identity', false],
      ['guard protected context', true],
      ['guard opt-in', true],
      ['guard dead-man', true],
    ]);
    const [identity, protectedContext, optIn, deadMan] = refused.map(({ fix }) => fix);
    expect(identity).to.contain('uid: uid-1');
    expect(protectedContext).to.equal('If it is meant: --allow-protected prod-1');
    expect(optIn).to.equal(`kubectl --context prod-1 label namespace default ${ENABLED_LABEL}=true`);
    expect(deadMan).to.contain('Add spec.deadMan to the targets file');
  });

  it('is nothing where all hold, with the image of the dead-man', async () => {
    const deadMan = { image: IMAGE, serviceAccount: 'sa' };
    const { open } = opened({ uid: 'uid-1', enabled: true, target: { deadMan } });
    const checks = await checkGuarded(open, undefined);
    expect(checks.every(({ ok }) => ok)).to.equal(true);
    const said = checks.find(({ what }) => what === 'guard dead-man');
    expect(said?.detail).to.equal(`its image is ${IMAGE}, its service account sa`);
  });

  it('is that the sandbox is not asked, and nobody else who calls himself one', async () => {
    const here = await marks({ server: 'http://127.0.0.1:1' });
    expect(here.filter((line) => !line.startsWith('ok'))).to.deep.equal([]);
    expect(await marks({})).to.include('MISSING guard identity');
  });

  it('is a blackout that holds now', async () => {
    const never = [{ because: 'a freeze', timeZone: 'UTC', hours: { from: 0, to: 1440 } }];
    const lines = await marks({ uid: 'uid-1', target: { never } });
    expect(lines).to.include('MISSING guard blackout');
  });

  it('is a freeze with what ends it, and who holds a cluster', async () => {
    const { cluster, open } = opened();
    const { apiVersion, kind, name, namespace } = leaseRef('default');
    const spec = { holderIdentity: 'r-1/host/1' };
    cluster.add({ apiVersion, kind, metadata: { name, namespace }, spec });
    const lock = async () => (await checkGuarded(open, undefined)).find(({ what }) => what === 'cluster tokyo lock');
    expect(await lock()).to.deep.include({ ok: false, optional: true });
    const freeze = freezeRef('default');
    cluster.add({ ...freeze, metadata: freeze, data: { reason: 'incident 7' } } as never);
    expect(await lock()).to.deep.equal({
      what: 'cluster tokyo lock',
      ok: false,
      detail: 'frozen: incident 7',
      fix: `kubectl --context ${CONTEXT} -n default delete configmap faultline-freeze --wait=false`,
    });
  });
});

describe('what doctor says of the guards with a scenario', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-doctor-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function file(deployment: string): string {
    const path = join(folder, 'drill.yaml');
    const swap = { cluster: 'tokyo', namespace: 'default', deployment, image: 'curl:8' };
    const spec = {
      hypothesis: 'It holds.',
      load: { paths: [{ name: 'entry', request: { path: '/' } }], rate: '50/s' },
      phases: { baseline: '10s', hold: '10s', recover: '10s' },
      faults: [{ name: 'swap', imageSwap: swap }],
      expect: { steadyState: {} },
    };
    const whole = { apiVersion: 'faultline/v1alpha1', kind: 'Scenario', metadata: { name: 'drill' }, spec };
    writeFileSync(path, JSON.stringify(whole));
    return path;
  }

  it('is what plan says: each guard, and none of them optional', async () => {
    const { cluster, open } = opened({ uid: 'uid-1', enabled: true });
    const [workload] = cluster.all(KINDS.deployment);
    cluster.put({
      ...workload,
      metadata: { ...workload?.metadata, labels: { 'argocd.argoproj.io/instance': 'shop' } },
    } as never);
    const checks = await checkGuarded(open, file(workload?.metadata.name ?? ''));
    const refused = checks.filter(({ ok }) => !ok);
    expect(refused.map(({ what, optional }) => [what, optional])).to.deep.equal([
      ['guard gitops', undefined],
      ['guard dead-man', undefined],
    ]);
    expect(refused[0]?.fix).to.contain('Pause its synchronization');
  });

  it('is whether its faults and their undo are allowed, and what prints the Roles', async () => {
    const { cluster, open } = opened({ uid: 'uid-1', enabled: true });
    const [workload] = cluster.all(KINDS.deployment);
    const path = file(workload?.metadata.name ?? '');
    expect((await checkGuarded(open, path)).find(({ what }) => what === `permissions of ${path}`)?.ok).to.equal(true);
    cluster.can = async (verb, { kind }) => !(verb === 'patch' && kind === 'Deployment');
    const denied = (await checkGuarded(open, path)).find(({ what }) => what === `permissions of ${path}`);
    expect([denied?.ok, denied?.optional]).to.deep.equal([false, undefined]);
    expect(denied?.detail).to.equal('not allowed: patch Deployment in tokyo/default');
    expect(denied?.fix).to.contain('--rbac');
  });

  it('is why there is no plan, and nothing of a file that cannot be read', async () => {
    const { open } = opened({ uid: 'uid-1', enabled: true });
    const [first] = await checkGuarded(open, file('nobody'));
    expect([first?.ok, first?.what]).to.deep.equal([false, `plan of ${join(folder, 'drill.yaml')}`]);
    expect(first?.detail).to.contain('nobody');
    writeFileSync(join(folder, 'drill.yaml'), 'spec: 1');
    expect(await checkGuarded(open, join(folder, 'drill.yaml'))).to.deep.equal([]);
  });
});
