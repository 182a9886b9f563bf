import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { PermissionCheck } from '../run/planned-run.ts';
import { rbacText, subjectOf } from './rbac-text.ts';

const asked = (cluster: string): PermissionCheck[] => {
  const base = { cluster, allowed: true, namespace: 'shop' };
  return [
    { ...base, ...KINDS.deployment, verb: 'get', purpose: 'run' },
    { ...base, ...KINDS.deployment, verb: 'patch', purpose: 'run' },
    { ...base, ...KINDS.pod, subresource: 'exec', verb: 'get', purpose: 'run' },
    { ...base, ...KINDS.pod, subresource: 'portforward', verb: 'create', purpose: 'observe' },
    { ...base, ...KINDS.node, namespace: '', verb: 'list', purpose: 'run' },
  ];
};

const apply = (cluster: string, rest: string): string => `apply to ${cluster}${rest}`;

type Role = KubeObject & { rules?: { resources: string[]; verbs: string[] }[] };
const objectsIn = (text: string): Role[] => parseAllDocuments(text).map((document) => document.toJS() as Role);

describe('roles of a plan, as manifests', () => {
  it('tell what only reads from what a run writes', () => {
    const roles = objectsIn(rbacText(asked('tokyo'), undefined, undefined));
    expect(
      roles.map(({ kind, metadata, rules }) => [
        kind,
        metadata.name,
        rules?.map((rule) => [rule.resources[0], rule.verbs.join()]),
      ]),
    ).to.deep.equal([
      [
        'Role',
        'faultline-observer',
        [
          ['deployments', 'get'],
          ['pods/portforward', 'create'],
        ],
      ],
      ['ClusterRole', 'faultline-observer', [['nodes', 'list']]],
      [
        'Role',
        'faultline-runner',
        [
          ['deployments', 'patch'],
          ['pods/exec', 'get'],
        ],
      ],
    ]);
  });

  it('stand once for clusters that need the same', () => {
    const text = rbacText([...asked('tokyo'), ...asked('hangzhou')], subjectOf('Group:sre'), apply);
    expect(text).to.match(/^# in tokyo: apply to tokyo\n# in hangzhou: apply to hangzhou\napiVersion/);
    expect(objectsIn(text)).to.have.length(6);
  });

  it('say in which cluster they are applied by which label, where clusters differ: their names are the same', () => {
    const text = rbacText([...asked('tokyo'), ...asked('hangzhou').slice(1)], subjectOf('Group:sre'), apply);
    const objects = objectsIn(text);
    for (const cluster of ['tokyo', 'hangzhou']) {
      const label = `faultline.dev/cluster=${cluster}`;
      expect(text).to.include(`# in ${cluster}: apply to ${cluster} -l ${label}\napiVersion`);
      const own = objects.filter(({ metadata }) => metadata.labels?.['faultline.dev/cluster'] === cluster);
      const names = own.map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace}/${name}`);
      expect(names, 'none takes the place of another').to.have.length(new Set(names).size).and.length(6);
    }
  });

  it('have those of the dead-man for its ServiceAccount, in its cluster only', () => {
    const permissions = [
      { ...KINDS.lease, namespace: 'drills', name: 'faultline', verb: 'patch' },
      { ...KINDS.deployment, namespace: 'shop', verb: 'patch' },
    ];
    const its = { namespace: 'drills', job: 'j', image: 'i', serviceAccount: 'reverter', after: '10m', permissions };
    const text = rbacText([...asked('tokyo'), ...asked('hangzhou')], undefined, undefined, [
      { cluster: 'tokyo', ...its },
    ]);
    const [tokyo = '', hangzhou = ''] = text.split('---\n# in hangzhou\n');
    expect(objectsIn(hangzhou).filter(({ metadata }) => metadata.name === 'faultline-dead-man')).to.deep.equal([]);
    const found = objectsIn(tokyo).filter(
      ({ kind, metadata }) => kind === 'ServiceAccount' || /dead-man/.test(metadata.name ?? ''),
    );
    expect(found.map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace}/${name}`)).to.deep.equal([
      'ServiceAccount drills/reverter',
      'Role drills/faultline-dead-man',
      'RoleBinding drills/faultline-dead-man',
      'Role shop/faultline-dead-man',
      'RoleBinding shop/faultline-dead-man',
    ]);
    for (const binding of found.filter(({ kind }) => kind === 'RoleBinding'))
      expect(binding.subjects).to.deep.equal([{ kind: 'ServiceAccount', namespace: 'drills', name: 'reverter' }]);
  });

  it('are given to whom Kubernetes knows, and to nobody else', () => {
    expect(subjectOf('User:ann')).to.deep.equal({ kind: 'User', name: 'ann' });
    expect(subjectOf('ServiceAccount:ci/faultline')).to.deep.equal({
      kind: 'ServiceAccount',
      namespace: 'ci',
      name: 'faultline',
    });
    for (const wrong of ['ann', 'User:', 'ServiceAccount:faultline', 'Role:x'])
      expect(() => subjectOf(wrong), wrong).to.throw('is nobody');
  });
});
