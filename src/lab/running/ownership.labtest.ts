import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FIELD_MANAGER, KINDS } from '../../model/kubernetes.ts';
import { labParts } from '../parts.ts';
import { openLabCluster, PROGRAM, requireLab } from '../testing/running-lab.ts';
import { steady } from '../testing/steady.ts';
import { accessOf } from '../up/access.ts';
import { LAB_FOLDER } from '../up/state.ts';

/** What the scenario swaps the image of, and what a team applies of it. */
const NAME = 'mockb-ap-northeast-1a';
const QUIET = [
  ...['spec.phases.baseline=3s', 'spec.phases.hold=5s', 'spec.phases.recover=1s', 'spec.load.rate=5/s'],
  ...['spec.expect.steadyState.good=80%', 'spec.expect.steadyState.sameZone=80%'],
];
const OTHERS = ['kube-controller-manager', FIELD_MANAGER];
const { kubeconfig, targets } = accessOf(LAB_FOLDER);

type Entry = {
  readonly manager: string;
  readonly operation: string;
  readonly fieldsV1: object;
  readonly subresource?: string;
};
type Workload = {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: { readonly containers: readonly [{ readonly name: string; readonly image: string }] };
    };
  };
};

describe('who owns the fields of a drilled workload, on a real API server', function () {
  this.timeout(300_000);
  let kubectl = '';
  let folder = '';
  before(async () => {
    requireLab();
    kubectl = (await labParts()).programs.kubectl;
    folder = mkdtempSync(join(tmpdir(), 'faultline-'));
    await steady();
  });
  after(() => {
    // Its fields stay: they have other owners as well.
    apply({});
    rmSync(folder, { recursive: true, force: true });
  });

  async function workload() {
    const found = await openLabCluster('tokyo').get({ ...KINDS.deployment, namespace: 'default', name: NAME });
    if (found === undefined) throw new Error(`the lab has no ${NAME}`);
    return found;
  }

  /** What people own of it: status and revisions are the controllers', and the lab makes its objects with this program itself. */
  async function owned(): Promise<readonly Pick<Entry, 'manager' | 'operation' | 'fieldsV1'>[]> {
    const { managedFields } = (await workload()).metadata as unknown as { readonly managedFields: readonly Entry[] };
    return managedFields
      .filter(({ subresource, manager }) => subresource === undefined && !OTHERS.includes(manager))
      .map(({ manager, operation, fieldsV1 }) => ({ manager, operation, fieldsV1 }));
  }

  /** A team's `kubectl apply --server-side`, which no conflict is forced through. */
  function apply(spec: object) {
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: NAME, namespace: 'default' }, spec };
    const args = ['apply', '--server-side', '--field-manager=team', '-f', '-'];
    const { status, stderr } = spawnSync(kubectl, [`--kubeconfig=${kubeconfig}`, '--context=tokyo', ...args], {
      input: JSON.stringify(object),
      encoding: 'utf8',
    });
    return { status, stderr };
  }

  it('are their owners’ again after the run, and are applied again without a conflict', async () => {
    const { spec } = (await workload()) as unknown as Workload;
    const [{ name, image }] = spec.template.spec.containers;
    const theirs = { replicas: spec.replicas, template: { spec: { containers: [{ name, image }] } } };
    expect(apply(theirs)).to.deep.include({ status: 0 });
    const before = await owned();
    expect(before.map(({ manager }) => manager)).to.include('team');
    const set = QUIET.flatMap((setting) => ['--set', setting]);
    const run = ['run', 'scenarios/service-failover.yaml', '--target', targets, '--yes', '--out', folder, ...set];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...PROGRAM, ...run], { encoding: 'utf8' });
    expect(status, stdout + stderr).to.be.oneOf([0, 1, 6]);
    expect(stdout + stderr).to.contain('put_back=put-back');
    expect(await owned()).to.deep.equal(before);
    expect(apply(theirs)).to.deep.include({ status: 0 });
  });
});
