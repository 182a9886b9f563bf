import { expect } from 'chai';
import { runScenario } from '../app/library.ts';
import type { RestrictedUser } from '../sandbox/testing/faulty-sandbox.ts';
import { expectGolden } from '../testing/golden.ts';
import { rbacText, subjectOf } from './rbac-text.ts';
import { longDrill } from './testing/drill.ts';
import { grantedUser, type Planned } from './testing/granted-user.ts';
import { faultline, type LiveSandbox, liveSandbox, settings } from './testing/live-sandbox.ts';

/** Scenarios that differ in what they touch; others ask for the same as one of these. */
const SCENARIOS = {
  'service-failover': it,
  'pod-kill': longDrill,
  'zone-blackhole': longDrill,
  'mesh-fault': longDrill,
  'gateway-down': longDrill,
  'pod-network': longDrill,
};

/** Enough to go through every step; what the requests show is of no interest here. */
const QUIET = [
  'spec.phases.baseline=3s',
  'spec.phases.hold=3s',
  'spec.phases.recover=1s',
  'spec.load.rate=5/s',
  'spec.expect.steadyState.good=20%',
  'spec.expect.steadyState.sameZone=20%',
];

/** The files `deploy/rbac-<cluster>.yaml`. */
function expectDeployed(permissions: readonly Planned[]): void {
  const head =
    '# For scenarios/service-failover.yaml: faultline plan FILE --rbac ServiceAccount:faultline/faultline --target TARGETS prints yours.\n';
  for (const [cluster, own] of Map.groupBy(permissions, (one) => one.cluster)) {
    expectGolden(
      `deploy/rbac-${cluster}.yaml`,
      head + rbacText(own, subjectOf('ServiceAccount:faultline/faultline'), undefined),
    );
  }
}

describe('the permissions that plan prints', function () {
  this.timeout(180_000);
  let live: LiveSandbox;
  beforeEach(async () => {
    live = await liveSandbox([], { namespaces: ['istio-system'], argoRollouts: true });
  });
  afterEach(async () => live.close());

  /** A targets file for a user who may do what `plan` lists for the scenario and nothing else. */
  async function asPlanned(
    scenario: string,
    set: readonly string[],
  ): Promise<{ user: RestrictedUser; targets: string }> {
    return grantedUser(live, await plannedFor(scenario, set));
  }

  async function plannedFor(scenario: string, set: readonly string[]): Promise<Planned[]> {
    const target = ['--target', live.targets, ...settings(set)];
    const { code, stdout, stderr } = await faultline('plan', scenario, '-o', 'json', ...target);
    expect(code, stderr).to.equal(0);
    return (JSON.parse(stdout) as { permissions: Planned[] }).permissions;
  }

  it('are what deploy/ gives its ServiceAccount (UPDATE_GOLDEN=1 writes it)', async () => {
    expectDeployed(await plannedFor('scenarios/service-failover.yaml', QUIET));
  });

  for (const [name, spec] of Object.entries(SCENARIOS)) {
    spec(`suffice for a whole run of ${name}, its undo and the recovery after it`, async () => {
      const scenario = `scenarios/${name}.yaml`;
      const { user, targets } = await asPlanned(scenario, QUIET);
      const { result } = await runScenario(scenario, { target: targets, out: live.out, set: QUIET });
      expect(user.refused(), 'not printed, and asked for by the run').to.deep.equal([]);
      expect(result.status, result.reason).to.equal('completed');
      expect(result.exitCode, result.reason).to.not.equal(5);
      const { code, stdout, stderr } = await faultline('recover', '--scan', '--target', targets);
      expect(user.refused(), 'not printed, and asked for by recover').to.deep.equal([]);
      expect(code, stdout + stderr).to.equal(0);
    });
  }
});
