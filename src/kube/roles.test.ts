import { expect } from 'chai';
import type { Permission } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import { rolesFor } from './roles.ts';

const ABOUT = { name: 'drills', labels: {}, subject: { kind: 'User', name: 'drill' } } as const;

describe('roles from permissions', () => {
  const permissions: Permission[] = [
    { ...KINDS.deployment, verb: 'get', namespace: 'default' },
    { ...KINDS.deployment, verb: 'patch', namespace: 'default' },
    { ...KINDS.configMap, verb: 'get', namespace: 'default', name: 'faultline-run' },
    { ...KINDS.pod, verb: 'get', namespace: 'default', subresource: 'proxy' },
    { ...KINDS.node, verb: 'list', namespace: '' },
  ];

  it('are a role for each namespace and one for what is in none, each bound to whoever gets it', () => {
    const objects = rolesFor(permissions, ABOUT);
    expect(objects.map(({ kind, metadata }) => [kind, metadata.namespace])).to.deep.equal([
      ['Role', 'default'],
      ['RoleBinding', 'default'],
      ['ClusterRole', undefined],
      ['ClusterRoleBinding', undefined],
    ]);
    expect(new Set(objects.map(({ apiVersion }) => apiVersion))).to.deep.equal(
      new Set(['rbac.authorization.k8s.io/v1']),
    );
    const [role, binding, clusterRole] = objects;
    expect(role).to.have.deep.property('rules', [
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['faultline-run'] },
      { apiGroups: [''], resources: ['pods/proxy'], verbs: ['get'] },
    ]);
    expect(binding).to.have.nested.property('subjects[0].name', 'drill');
    expect(clusterRole).to.have.deep.property('rules', [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }]);
  });

  it('are not bound where nobody is named, and bound to a ServiceAccount in its namespace', () => {
    expect(rolesFor(permissions, { name: 'drills', labels: {} }).map(({ kind }) => kind)).to.deep.equal([
      'Role',
      'ClusterRole',
    ]);
    const subject = { kind: 'ServiceAccount', name: 'faultline', namespace: 'ci' } as const;
    const [, binding] = rolesFor(permissions, { ...ABOUT, subject });
    expect(binding).to.have.deep.property('subjects', [subject]);
  });

  it('name resources as Kubernetes does', () => {
    const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' };
    const gateway = { apiVersion: 'networking.istio.io/v1', kind: 'Gateway' };
    const kinds = [KINDS.networkPolicy, KINDS.endpointSlice, ingress, gateway];
    const roles = rolesFor(
      kinds.map((kind) => ({ ...kind, verb: 'list', namespace: 'default' })),
      ABOUT,
    );
    const rules = roles.flatMap((role) => (role as { rules?: { resources: string[] }[] }).rules ?? []);
    expect(rules.flatMap(({ resources }) => resources)).to.deep.equal([
      'networkpolicies',
      'endpointslices',
      'ingresses',
      'gateways',
    ]);
  });
});
