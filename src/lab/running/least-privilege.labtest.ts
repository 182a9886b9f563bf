import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { labParts } from '../parts.ts';
import { CLUSTERS } from '../testing/clusters.ts';
import { refusedRequests } from '../testing/refused-requests.ts';
import { lab, PROGRAM, requireLab } from '../testing/running-lab.ts';
import { accessOf } from '../up/access.ts';
import { LAB_FOLDER } from '../up/state.ts';

/** Enough to go through every step; what the requests show is of no interest here. */
const QUIET = [
  'spec.phases.baseline=3s',
  'spec.phases.hold=5s',
  'spec.phases.recover=1s',
  'spec.load.rate=5/s',
  'spec.expect.steadyState.good=20%',
  'spec.expect.steadyState.sameZone=20%',
];
const { drill } = accessOf(LAB_FOLDER);

describe('the permissions that plan lists, on real API servers', function () {
  this.timeout(300_000);
  let kubectl = '';
  let folder = '';
  before(async () => {
    requireLab();
    kubectl = (await labParts()).programs.kubectl;
    folder = mkdtempSync(join(tmpdir(), 'faultline-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
    lab('grant', 'scenarios/service-failover.yaml');
  });

  /** The requests of the user for drills that were refused since the lab is up; access reviews are answered, not refused. */
  function refused(): string[] {
    return CLUSTERS.flatMap(refusedRequests);
  }

  function faultline(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...PROGRAM, ...args], { encoding: 'utf8' });
    return { code: status, text: stdout + stderr };
  }

  for (const name of ['service-failover', 'pod-kill']) {
    it(`suffice for a whole run of ${name}, its undo and the recovery after it`, () => {
      const scenario = `scenarios/${name}.yaml`;
      lab('grant', scenario);
      const before = refused();
      const set = QUIET.flatMap((setting) => ['--set', setting]);
      const out = join(folder, name);
      const run = faultline('run', scenario, '--target', drill.targets, '--yes', '--out', out, ...set);
      expect(run.code, run.text).to.be.oneOf([0, 1, 6]);
      const [own = ''] = readdirSync(out);
      const text = readFileSync(join(out, own, 'result.json'), 'utf8');
      expect((JSON.parse(text) as { status: string }).status).to.equal('completed');
      const recovery = faultline('recover', '--scan', '--target', drill.targets);
      expect(recovery.code, recovery.text).to.equal(0);
      expect(refused(), 'not listed, and asked for').to.deep.equal(before);
    });
  }

  it('are no more than that: another kind of fault is refused before anything is touched', () => {
    lab('grant', 'scenarios/service-failover.yaml');
    const plan = faultline('plan', 'scenarios/pod-kill.yaml', '--target', drill.targets);
    expect(plan.code).to.equal(3);
    expect(plan.text).to.contain('Permissions MISSING (the run would be refused):');
    const before = refused();
    const secrets = ['get', '--raw', '/api/v1/secrets', '--context=tokyo', `--kubeconfig=${drill.kubeconfig}`];
    expect(spawnSync(kubectl, secrets, { encoding: 'utf8' }).stderr).to.contain('Forbidden');
    expect(refused()).to.deep.equal([...before, 'list /api/v1/secrets']);
  });
});
