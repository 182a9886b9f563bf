import { expect } from 'chai';
import type { Permission } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { drillRoles } from './grant.ts';

describe('the rights of the user for drills', () => {
  const permissions: Permission[] = [
    { ...KINDS.deployment, verb: 'patch', namespace: 'default' },
    { ...KINDS.configMap, verb: 'get', namespace: 'default', name: 'faultline-run' },
    { ...KINDS.pod, verb: 'get', namespace: 'default', subresource: 'proxy' },
    { ...KINDS.node, verb: 'list', namespace: '' },
  ];

  it('are a role for each namespace and one for what is in none, each bound to that user', () => {
    const objects = drillRoles(permissions);
    expect(objects.map(({ kind, metadata }) => [kind, metadata.namespace])).to.deep.equal([
      ['Role', 'default'],
      ['RoleBinding', 'default'],
      ['ClusterRole', undefined],
      ['ClusterRoleBinding', undefined],
    ]);
    const [role, binding, clusterRole] = objects;
    expect(role).to.have.deep.property('rules', [
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['faultline-run'] },
      { apiGroups: [''], resources: ['pods/proxy'], verbs: ['get'] },
    ]);
    expect(binding).to.have.nested.property('subjects[0].name', 'drill');
    expect(clusterRole).to.have.deep.property('rules', [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }]);
  });

  it('name resources as Kubernetes does', () => {
    const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' };
    const gateway = { apiVersion: 'networking.istio.io/v1', kind: 'Gateway' };
    const kinds = [KINDS.networkPolicy, KINDS.endpointSlice, ingress, gateway];
    const roles = drillRoles(kinds.map((kind) => ({ ...kind, verb: 'list', namespace: 'default' })));
    const rules = roles.flatMap((role) => (role as { rules?: { resources: string[] }[] }).rules ?? []);
    expect(rules.flatMap(({ resources }) => resources)).to.deep.equal([
      'networkpolicies',
      'endpointslices',
      'ingresses',
      'gateways',
    ]);
  });
});
