import { expect } from 'chai';
import { KINDS } from '../model/kubernetes.ts';
import type { PermissionCheck } from '../run/planned-run.ts';
import { describePermissions } from './permission-text.ts';

const deployment = {
  ...KINDS.deployment,
  namespace: 'default',
  cluster: 'tokyo',
  purpose: 'run',
  allowed: true,
} as const;

const CHECKS: readonly PermissionCheck[] = [
  { ...deployment, verb: 'get' },
  { ...deployment, verb: 'list', ...KINDS.job },
  { ...deployment, verb: 'patch' },
  { ...deployment, verb: 'list', ...KINDS.networkPolicy },
  { ...deployment, verb: 'list', ...KINDS.job, namespace: 'shop', purpose: 'scan' },
  { ...deployment, ...KINDS.pod, verb: 'get', subresource: 'proxy', purpose: 'observe' },
  { ...deployment, ...KINDS.node, verb: 'watch', namespace: '', purpose: 'observe' },
];

describe('the permissions of a plan, as text', () => {
  it('are one line for all that is alike in one place', () => {
    expect(describePermissions(CHECKS)).to.deep.equal([
      'Permissions',
      '  Needed by the run, its undo and the recovery of its journal',
      '    get, patch Deployment in tokyo/default',
      '    list Job, NetworkPolicy in tokyo/default',
      '  Needed by recover --scan, which looks for everything that any run may have left',
      '    list Job in tokyo/shop',
      '  Needed to observe; what is not allowed is not seen, and not judged',
      '    get Pod/proxy in tokyo/default',
      '    watch Node in tokyo',
      'All 7 granted, those of the undo included',
    ]);
  });

  it('that are missing stand below, apart from those that refuse the run', () => {
    const allowed = (check: PermissionCheck) => check.verb === 'list' && check.purpose === 'run';
    const text = describePermissions(CHECKS.map((check) => ({ ...check, allowed: allowed(check) })));
    expect(text.slice(9)).to.deep.equal([
      'Permissions MISSING (the run would be refused):',
      '  get Deployment in tokyo/default',
      '  patch Deployment in tokyo/default',
      'Permissions missing (the run would go on without):',
      '  list Job in tokyo/shop',
      '  get Pod/proxy in tokyo/default',
      '  watch Node in tokyo',
    ]);
  });
});
