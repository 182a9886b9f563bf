import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { openCluster } from '../kube/kubeconfig.ts';
import type { Permission } from '../model/fault.ts';
import { DEAD_MAN_LABEL, KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { PodCluster } from '../model/ports.ts';
import { leaseRef, plansRef } from '../run/lock-objects.ts';
import { systemClock } from '../run/system-clock.ts';
import { WrittenLog } from '../sandbox/api/container-log.ts';
import type { HostedProgram } from '../sandbox/testing/hosted-pods.ts';
import { until } from '../sandbox/testing/until.ts';
import { longDrill } from './testing/drill.ts';
import { faultline, type LiveSandbox, liveSandbox, settings, start } from './testing/live-sandbox.ts';
import { roleOf } from './testing/role-of.ts';

const SCENARIO = 'scenarios/service-failover.yaml';
const QUIET = [
  'spec.phases.baseline=3s',
  'spec.phases.hold=60s',
  'spec.load.rate=5/s',
  'spec.expect.steadyState.good=20%',
  'spec.expect.steadyState.sameZone=20%',
];
const DEAD_MAN = '  deadMan: {image: registry.example/faultline:1, serviceAccount: faultline-dead-man}\n';

describe('faultline dead-man', function () {
  this.timeout(120_000);
  let live: LiveSandbox;
  let folder: string;
  let cluster: PodCluster;
  const ended: (number | null)[] = [];
  const said: string[] = [];

  before(async () => {
    live = await liveSandbox([], {
      programs: (pod) => (pod.metadata.labels?.[DEAD_MAN_LABEL] === undefined ? undefined : hosted(pod)),
    });
    folder = dirname(live.targets);
    const kubeconfig = join(folder, 'kubeconfig');
    cluster = openCluster({ name: 'tokyo', region: '', kubeconfig, context: 'tokyo', gateways: [] }, systemClock);
  });
  after(async () => live.close());

  /** The command line in place of its pod, as the user of its ServiceAccount; its volume is a folder of this machine. */
  async function hosted(pod: KubeObject): Promise<HostedProgram> {
    const { containers } = pod.spec as unknown as { containers: { args: string[] }[] };
    const { args = [] } = containers[0] ?? {};
    const armed = join(folder, 'armed');
    const own = args.map((arg) => (arg === '/armed/armed' ? armed : arg));
    const program = start([...own, '--target', join(folder, 'dead-man.yaml')]);
    const log = new WrittenLog();
    const exited = program.said.then(({ code, stderr }) => {
      said.push(stderr);
      ended.push(code);
      log.end();
      return code ?? 137;
    });
    const passes = (command: readonly string[]) => command[1] === '/armed/armed' && existsSync(armed);
    return { log, ports: {}, exited, passes, stop: () => program.child.kill('SIGTERM') };
  }

  longDrill('puts the fault back when its runner is killed, with what plan lists for it and nothing more', async () => {
    const targets = join(folder, 'with-dead-man.yaml');
    writeFileSync(targets, readFileSync(live.targets, 'utf8') + DEAD_MAN);
    const command = [SCENARIO, '--target', targets, ...settings(QUIET)];
    const { stdout, stderr } = await faultline('plan', ...command, '-o', 'json');
    const { deadMen } = JSON.parse(stdout) as { deadMen: { cluster: string; permissions: Permission[] }[] };
    expect(
      deadMen.map((one) => one.cluster),
      stderr,
    ).to.deep.equal(['tokyo']);
    // By hand it asks first which cluster its targets file has led it to; in a pod there is no such question.
    const which: Permission = { ...KINDS.namespace, verb: 'get', namespace: '', name: 'kube-system' };
    const roles = [which, ...(deadMen[0]?.permissions ?? [])].map(roleOf);
    const user = live.sandbox.addUser('dead-man', { tokyo: roles });
    writeFileSync(join(folder, 'dead-man-kubeconfig'), user.kubeconfig);
    writeFileSync(
      join(folder, 'dead-man.yaml'),
      live.sandbox.targets.replaceAll('./kubeconfig', './dead-man-kubeconfig'),
    );
    const specs = async () => (await cluster.list(KINDS.deployment, { namespace: 'default' })).map(({ spec }) => spec);
    const before = await specs();

    const run = start(['run', ...command, '--out', live.out]);
    await run.saw('the dead-man is armed');
    await run.saw('phase hold');
    expect(await specs()).to.not.deep.equal(before);
    run.child.kill('SIGKILL');
    await run.said;
    // As somebody does who knows that the run is dead; it would be a minute otherwise.
    await cluster.delete(leaseRef('default'));
    await until('the dead-man has ended', () => ended.length > 0, 60_000);

    expect(ended, said.join()).to.deep.equal([0]);
    expect(user.refused()).to.deep.equal([]);
    expect(await specs()).to.deep.equal(before);
    expect(await cluster.get(plansRef('default'))).to.equal(undefined);
    const jobs = () => cluster.list(KINDS.job, { namespace: 'default', labelSelector: DEAD_MAN_LABEL });
    for (let tries = 0; tries < 100 && (await jobs()).length > 0; tries++) await systemClock.sleep(100);
    expect(await jobs(), 'its Job goes with the plans').to.deep.equal([]);
  });
});
