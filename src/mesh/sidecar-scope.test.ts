import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { sidecarScope } from './sidecar-scope.ts';

type Options = { readonly namespace?: string; readonly labels?: Record<string, string>; readonly created?: string };

function sidecar(
  hosts: Json,
  { namespace = 'default', labels, created = '1' }: Options = {},
  mode?: string,
): KubeObject {
  const selector = labels === undefined ? {} : { workloadSelector: { labels } };
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name: 'x', namespace, creationTimestamp: created },
    spec: { ...selector, egress: hosts, ...(mode === undefined ? {} : { outboundTrafficPolicy: { mode } }) },
  };
}
const of = (...hosts: string[]): Json => [{ hosts }];
const service = (name: string, namespace = 'default', port = 8000) => ({
  host: `${name}.${namespace}.svc.cluster.local`,
  namespace,
  port,
});
const scopeOf = (sidecars: KubeObject[], mode?: string) =>
  sidecarScope({
    sidecars,
    rootNamespace: 'istio-system',
    caller: { namespace: 'default', labels: { app: 'a' } },
    mode,
  });

describe('what a Sidecar leaves of the mesh', () => {
  it('is all of it without any', () => {
    const scope = scopeOf([]);
    expect(scope.sees(service('web', 'shop'))).to.equal(true);
    expect(scope.passesStrangers).to.equal(true);
  });

  it('is what its hosts name: by namespace, by name, its own by a dot', () => {
    const { sees } = scopeOf([sidecar(of('./*', 'shop/*.shop.svc.cluster.local', '*/cache.infra.svc.cluster.local'))]);
    expect(sees(service('web'))).to.equal(true);
    expect(sees(service('web', 'shop'))).to.equal(true);
    expect(sees(service('cache', 'infra'))).to.equal(true);
    expect(sees(service('web', 'infra'))).to.equal(false);
  });

  it('leaves out what is taken out again', () => {
    const { sees } = scopeOf([sidecar(of('*/*', '~shop/*'))]);
    expect(sees(service('web'))).to.equal(true);
    expect(sees(service('web', 'shop'))).to.equal(false);
  });

  it('is for a port where a listener has one', () => {
    const { sees } = scopeOf([sidecar([{ port: { number: 9000 }, hosts: ['*/*'] }])]);
    expect(sees(service('web', 'default', 9000))).to.equal(true);
    expect(sees(service('web'))).to.equal(false);
  });

  it('comes from the one that selects the workload, then from that of its namespace, then from that of the root', () => {
    const root = sidecar(of('root/*'), { namespace: 'istio-system' });
    const all = sidecar(of('all/*'));
    const own = sidecar(of('own/*'), { labels: { app: 'a' } });
    const other = sidecar(of('other/*'), { labels: { app: 'b' } });
    const seen = (...sidecars: KubeObject[]) =>
      ['root', 'all', 'own', 'other'].filter((name) => scopeOf(sidecars).sees(service('web', name)));
    expect(seen(root, all, own, other)).to.deep.equal(['own']);
    expect(seen(root, all, other)).to.deep.equal(['all']);
    expect(seen(root, other)).to.deep.equal(['root']);
    expect(seen(other)).to.have.length(4);
  });

  it('says what becomes of strangers, or the mesh does', () => {
    expect(scopeOf([sidecar(of('*/*'), {}, 'REGISTRY_ONLY')]).passesStrangers).to.equal(false);
    expect(scopeOf([], 'REGISTRY_ONLY').passesStrangers).to.equal(false);
    expect(scopeOf([sidecar(of('*/*'), {}, 'ALLOW_ANY')], 'REGISTRY_ONLY').passesStrangers).to.equal(true);
  });
});
