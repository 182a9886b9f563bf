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

type Role = KubeObject & { rules?: { resources: string[]; verbs: string[] }[] };
const objectsIn = (text: string): Role[] => parseAllDocuments(text).map((document) => document.toJS() as Role);

describe('roles of a plan, as manifests', () => {
  it('tell what only reads from what a run writes', () => {
    const roles = objectsIn(rbacText(asked('tokyo'), undefined));
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
    const text = rbacText([...asked('tokyo'), ...asked('hangzhou')], subjectOf('Group:sre'));
    expect(text).to.match(/^# in tokyo and in hangzhou\n/);
    expect(objectsIn(text)).to.have.length(6);
    const more = rbacText([...asked('tokyo'), ...asked('hangzhou').slice(1)], undefined);
    expect(more)
      .to.match(/^# in tokyo\n/)
      .and.to.match(/^---\n# in hangzhou\n/m);
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
