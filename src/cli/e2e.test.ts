import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, use } from 'chai';
import { openRun, runScenario } from '../app/library.ts';
import { faultlineChai } from '../assert/chai.ts';
import { workIn } from '../faults/in-pod/container.ts';
import type { HistoryEvent } from '../model/history.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { longDrill } from './testing/drill.ts';
import {
  BRIEF,
  faultline,
  type LiveSandbox,
  liveSandbox,
  SHORT,
  settings,
  start,
  UNHURRIED,
} from './testing/live-sandbox.ts';

use(faultlineChai);

const FAILOVER = 'scenarios/service-failover.yaml';
const MOCKB = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };

function specOf(live: LiveSandbox): unknown {
  const [tokyo] = live.sandbox.clusters;
  return (tokyo?.store.get(MOCKB) as KubeObject | undefined)?.spec;
}

/** Drills against a sandbox of the test, as short as can be. */
function briefRun(live: LiveSandbox, files: readonly string[] = [FAILOVER]): string[] {
  return ['run', ...files, '--yes', '--target', live.targets, '--out', live.out, ...settings(BRIEF)];
}

/** Everything in both clusters that carries a mark of faultline. What a pod has from its template goes with the pod. */
function marks(live: LiveSandbox): string[] {
  const kinds = [KINDS.deployment, KINDS.pod, KINDS.networkPolicy, KINDS.job, KINDS.configMap];
  return live.sandbox.clusters.flatMap(({ store }) =>
    kinds.flatMap((kind) =>
      store
        .list(kind)
        .filter((object) => {
          const own = kind === KINDS.pod ? object.metadata.labels : object.metadata;
          return JSON.stringify(own).includes('faultline') || workIn(object).length > 0;
        })
        .map((object) => `${kind.kind} ${object.metadata.name}`),
    ),
  );
}

describe('from the command line to the report', function () {
  this.timeout(180_000);
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-e2e-'));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('exit 0: the failover of the vendor page, with all five outputs saying the same', async () => {
    const { code, stdout, stderr } = await faultline('run', FAILOVER, '--out', dir, ...settings([...SHORT, UNHURRIED]));
    expect(code, stderr + stdout).to.equal(0);
    const folder = join(dir, 'latest');
    expect(readdirSync(folder).sort()).to.deep.equal([
      'history.ndjson',
      'journal.ndjson',
      'junit.xml',
      'report.html',
      'requests.ndjson',
      'result.json',
      'summary.md',
    ]);
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(JSON.parse(read('result.json'))).to.include({ verdict: 'pass', exitCode: 0, status: 'completed' });
    expect(read('report.html')).to.contain('PASS');
    expect(read('summary.md')).to.contain('PASS');
    expect(read('junit.xml')).to.match(/failures="0"/);
    expect(stdout).to.contain('verdict=pass').and.to.contain('report.html');
  });

  it('records what the proxies counted: no more than was sent, and the errors of the caller that met the fault', () => {
    const lines = readFileSync(join(dir, 'latest', 'history.ndjson'), 'utf8')
      .trimEnd()
      .split('\n');
    const history = lines.map((line): HistoryEvent => JSON.parse(line));
    const calls = history.flatMap((event) =>
      event.type === 'calls' ? event.hosts.map((host) => ({ ...host, zone: event.zone, to: event.service })) : [],
    );
    const sum = (of: 'requests' | 'failed', to: string, zone?: string) =>
      calls
        .filter((one) => one.to === to && (zone === undefined || one.zone === zone))
        .reduce((all, one) => all + one[of], 0);
    const sent = history.flatMap((event) => (event.type === 'load' ? event.counts : [])).map((path) => path.sent);
    const all = sent.reduce((a, b) => a + b, 0);
    expect(sum('requests', 'mocka')).to.be.within(1, all);
    expect(sum('failed', 'mockb', 'ap-northeast-1a')).to.be.greaterThan(0);
  });

  it('judges the recorded run again and comes to the same bytes', async () => {
    const result = join(dir, 'latest', 'result.json');
    const before = readFileSync(result, 'utf8');
    const { code, stdout } = await faultline('analyze', join(dir, 'latest'));
    expect(code, stdout).to.equal(0);
    expect(readFileSync(result, 'utf8')).to.equal(before);
    const opened = await openRun(join(dir, 'latest'));
    expect([opened.result.verdict, opened.folder.html]).to.deep.equal(['pass', join(dir, 'latest', 'report.html')]);
    expect(await openRun(join(dir, 'nowhere')).catch((error: Error) => error.message)).to.contain('no history.ndjson');
    rmSync(join(dir, 'latest', 'report.html'));
    expect((await faultline('report', join(dir, 'latest'))).code).to.equal(0);
    expect(existsSync(join(dir, 'latest', 'report.html'))).to.equal(true);
  });

  it('exit 7: the verdict is told, and that its reports could not be written', async () => {
    const result = join(dir, 'latest', 'result.json');
    rmSync(result);
    mkdirSync(join(result, 'in the way'), { recursive: true });
    const { code, stdout, stderr } = await faultline('analyze', join(dir, 'latest'));
    expect(code, stderr).to.equal(7);
    expect(stderr).to.contain(`the reports could not be written: ${result}`);
    expect(stdout).to.contain('verdict=pass').and.contain('exit=7').and.not.contain('report.html');
    expect((await faultline('analyze', join(dir, 'latest'), '--expect', 'fail')).code, 'another verdict').to.equal(1);
  });

  longDrill('exit 0: what init writes, as it stands but for shorter phases that still show every share', async () => {
    const file = join(dir, 'drill.yaml');
    expect((await faultline('init', file)).code).to.equal(0);
    const shorter = [
      ...['spec.phases.baseline=4s', 'spec.phases.hold=13s', 'spec.phases.recover=5s', 'spec.load.rate=35/s'],
      'spec.expect.errorBudget.perCaller=70',
    ];
    const { code, stdout, stderr } = await faultline('run', file, '--out', join(dir, 'init'), ...settings(shorter));
    expect(code, stderr + stdout).to.equal(0);
    expect(stderr).to.not.contain('requests; ');
  });

  it('exit 1: no outlierDetection, and the reason says so', async () => {
    const { code, stdout, stderr } = await faultline(
      'run',
      'scenarios/no-outlier-detection.yaml',
      '--out',
      dir,
      ...settings(SHORT),
    );
    expect(code, stderr + stdout).to.equal(1);
    expect(stdout).to.contain('recoveryTime').and.to.contain('outlierDetection').and.to.contain('verdict=fail');
  });

  longDrill('exit 0: drills that must fail, each in its own folder, and one answer over all', async () => {
    const out = join(dir, 'series');
    const drill = ['run', 'scenarios/no-outlier-detection.yaml', '--out', out, ...settings(SHORT)];
    const { code, stdout, stderr } = await faultline(...drill, '--repeat', '2', '--expect', 'fail');
    expect(code, stderr + stdout).to.equal(0);
    const folders = readdirSync(out).filter((name) => name !== 'latest');
    expect(folders.filter((name) => name.startsWith('series-'))).to.have.length(1);
    expect(folders).to.have.length(3);
    expect(stdout).to.contain('gate=met').and.to.contain('2 of 2 runs');
    expect((await faultline('gate', out)).code, 'without the expectation').to.equal(1);
  });

  it('plan touches nothing and names everything', async () => {
    const { code, stdout, stderr } = await faultline('plan', FAILOVER);
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.contain('Deployment default/mockb-ap-northeast-1a')
      .and.to.contain('needs 368 requests; 4 paths send 720')
      .and.to.contain('Nothing was changed');
  });

  longDrill('a spec of a user passes, as in the README', async () => {
    const { spawnSync } = await import('node:child_process');
    const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
    const args = [mocha, 'scenarios/specs/service-failover.spec.ts'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout).to.contain('3 passing');
  });
});

describe('when things go wrong', function () {
  this.timeout(180_000);
  let live: LiveSandbox;
  afterEach(async () => live?.close());

  longDrill('exit 3: a target that is not steady is left alone', async () => {
    const broken = readFileSync('scenarios/manifests/second-mockb.yaml', 'utf8').replaceAll(
      'acs/asm-mock:v0.1',
      'acs/curl:8.1.2',
    );
    live = await liveSandbox([broken]);
    const before = specOf(live);
    const { code, stderr, stdout } = await faultline(
      'run',
      'scenarios/pod-kill.yaml',
      '--yes',
      '--target',
      live.targets,
      '--out',
      live.out,
      ...settings([...BRIEF, 'spec.expect.steadyState.good=100%']),
    );
    expect(code, stderr + stdout).to.equal(3);
    expect(stderr).to.contain('steady state DOES NOT HOLD');
    expect(specOf(live)).to.deep.equal(before);
    expect(marks(live)).to.deep.equal([]);
  });

  it('exit 5: an undo that the cluster refuses is never green', async () => {
    live = await liveSandbox();
    const api = live.sandbox.misbehave.api.tokyo;
    if (api === undefined) throw new Error('the sandbox has a cluster tokyo');
    let patches = 0;
    api.request = ({ verb, kind }) => {
      if (verb !== 'patch' || kind.kind !== 'Deployment') return undefined;
      patches++;
      return patches === 1 ? undefined : { kind: 'status', code: 422, message: 'sabotage' };
    };
    const run = await runScenario(FAILOVER, { target: live.targets, out: live.out, set: BRIEF });
    expect(run.result.exitCode, run.result.reason).to.equal(5);
    expect(run.result.verdict).to.equal('fail');
    const { runId, recover } = run.result.run;
    expect(recover).to.equal(`faultline recover --run ${runId} --out ${live.out} --target ${live.targets}`);
    expect(() => expect(run).to.leaveNothingBehind()).to.throw('left behind');
    api.request = undefined;
    const { code, stdout } = await faultline('recover', '--out', live.out);
    expect(code, stdout).to.equal(0);
    expect(stdout)
      .to.contain('fault mockb-down: undone')
      .and.contain(`\nNothing of run ${runId} is left in the namespace default of tokyo, hangzhou.\n`);
    expect(marks(live)).to.deep.equal([]);
  });

  longDrill('exit 6: an image swap that changes nothing proves nothing', async () => {
    live = await liveSandbox();
    live.sandbox.misbehave.ignoreImages = true;
    const run = await runScenario(FAILOVER, { target: live.targets, out: live.out, set: BRIEF });
    expect(run.result.exitCode, run.result.reason).to.equal(6);
    expect(run.result.findings.find((finding) => finding.objective === 'faultEffect')?.verdict).to.equal(
      'inconclusive',
    );
    expect(() => expect(run).to.recoverWithin('5s')).to.throw('cannot be decided');
    expect(() => expect(run).to.not.recoverWithin('5s')).to.throw('cannot be decided');
  });

  for (const kind of ['zoneBlackhole', 'zoneNetworkPolicy']) {
    longDrill(`exit 6: a ${kind} that nothing enforces proves nothing`, async () => {
      live = await liveSandbox([], { namespaces: ['istio-system'] });
      live.sandbox.misbehave.ignoreNetworkPolicy = true;
      const scenario = join(live.out, 'ignored.yaml');
      const text = readFileSync('scenarios/zone-blackhole.yaml', 'utf8');
      mkdirSync(live.out, { recursive: true });
      writeFileSync(scenario, text.replace('zoneBlackhole:', `${kind}:`));
      const set = [...BRIEF, 'spec.expect.errorBudget.ratio=90%'];
      const run = await runScenario(scenario, { target: live.targets, out: live.out, set });
      expect(run.result.exitCode, run.result.reason).to.equal(6);
      expect(marks(live)).to.deep.equal([]);
    });
  }

  it('exit 143: SIGTERM in the middle of a fault undoes it first', async () => {
    live = await liveSandbox();
    const before = specOf(live);
    const { child, said, saw } = start(briefRun(live));
    await saw('phase hold');
    child.kill('SIGTERM');
    const { code, stderr } = await said;
    expect(code, stderr).to.equal(143);
    expect(specOf(live)).to.deep.equal(before);
    expect(marks(live)).to.deep.equal([]);
  });

  /** Whoever knows that a run is dead need not watch its leases for their minute. */
  function deleteLeases({ sandbox }: LiveSandbox): void {
    for (const { store } of sandbox.clusters) {
      const ref = { ...KINDS.lease, namespace: 'default', name: 'faultline' };
      expect(store.get(ref)?.spec).to.have.property('holderIdentity');
      store.delete(ref);
    }
  }

  longDrill('exit 130: Ctrl-C in the undo is heard, and the next scenario is not begun', async () => {
    live = await liveSandbox();
    const before = specOf(live);
    const { child, said, saw } = start(briefRun(live, [FAILOVER, FAILOVER]));
    await saw('phase undo');
    child.kill('SIGINT');
    const { code, stderr, stdout } = await said;
    expect(code, stderr).to.equal(130);
    expect(stdout).to.match(/^faultline runs=2 .* not_run=1 exit=130$/m);
    const together = readFileSync(join(live.out, 'latest-runs', 'junit.xml'), 'utf8');
    expect(together.match(/<testsuite /g), 'one of each file').to.have.length(2);
    const afterwards = stderr.slice(stderr.indexOf('phase undo'));
    expect(afterwards, stderr).to.not.contain('phase baseline').and.not.contain('phase recover');
    expect(specOf(live)).to.deep.equal(before);
    expect(marks(live)).to.deep.equal([]);
  });

  it('kill -9 in the middle of a fault, then recover from another machine', async () => {
    live = await liveSandbox();
    const before = specOf(live);
    const { child, said, saw } = start(briefRun(live));
    await saw('phase hold');
    child.kill('SIGKILL');
    await said;
    expect(specOf(live)).to.not.deep.equal(before);
    const again = await faultline(...briefRun(live));
    expect(again.code, 'a new run refuses while the old one is open').to.equal(3);
    expect(again.stderr).to.contain(`: faultline recover --scan --target ${live.targets}\n`);
    deleteLeases(live);
    const { code, stdout, stderr } = await faultline('recover', '--scan', '--target', live.targets);
    expect(code, stdout + stderr).to.equal(0);
    expect(stdout).to.contain(`\nNothing of faultline is left in any namespace of the clusters of ${live.targets}.\n`);
    expect(specOf(live)).to.deep.equal(before);
    expect(marks(live)).to.deep.equal([]);
  });

  longDrill('undoes the fault although nobody reads what it says any more', async () => {
    live = await liveSandbox();
    const before = specOf(live);
    const { child, said, saw } = start(briefRun(live));
    await saw('phase hold');
    expect(specOf(live)).to.not.deep.equal(before);
    child.stdout?.destroy();
    child.stderr?.destroy();
    await said;
    expect(specOf(live)).to.deep.equal(before);
    expect(marks(live)).to.deep.equal([]);
  });

  longDrill('exit 6: a fault that somebody takes back is no proof of anything', async () => {
    live = await liveSandbox();
    const [tokyo] = live.sandbox.clusters;
    const original = tokyo?.store.get(MOCKB);
    const set = BRIEF.map((one) => one.replace('hold=4s', 'hold=9s'));
    let over = false;
    const running = runScenario(FAILOVER, { target: live.targets, out: live.out, set }).finally(() => {
      over = true;
    });
    const swapped = () => JSON.stringify(tokyo?.store.get(MOCKB)?.spec).includes('curl');
    while (!swapped() && !over) await new Promise((resolve) => setTimeout(resolve, 50));
    const now = tokyo?.store.get(MOCKB);
    if (now === undefined || original === undefined) throw new Error('mockb is there');
    tokyo?.store.update({ ...structuredClone(now), spec: structuredClone(original.spec) } as KubeObject);
    const { result } = await running;
    expect(result.verdict, result.reason).to.not.equal('pass');
    expect(result.findings.find((finding) => finding.objective === 'faultEffect')?.verdict).to.equal('inconclusive');
    expect(marks(live)).to.deep.equal([]);
  });

  longDrill('recover says clean only after it has asked', async () => {
    live = await liveSandbox();
    expect((await faultline('recover', '--out', live.out)).code).to.equal(2);
    expect((await faultline('recover', '--scan')).code).to.equal(2);
    expect((await faultline('recover', '--only', 'default/deployment/mockb')).code).to.equal(2);
    expect((await faultline('recover', '--scan', '--target', 'sandbox')).code).to.equal(2);
    expect((await faultline('recover', '--scan', '--target', live.targets)).code).to.equal(0);
    // Each context for the other: nothing is said of a cluster, nor written in it, under another's name.
    const swapped = live.targets.replace('targets.yaml', 'swapped.yaml');
    const other = (line: string, one: string) => line.replace(one, one === 'tokyo' ? 'hangzhou' : 'tokyo');
    writeFileSync(swapped, readFileSync(live.targets, 'utf8').replace(/context: .*(tokyo|hangzhou)/g, other));
    for (const scan of [['--scan'], []]) {
      const wrong = await faultline('recover', ...scan, '--target', swapped);
      expect([wrong.code, wrong.stdout.match(/has kube-system UID/g)?.length], wrong.stdout).to.deep.equal([5, 2]);
    }
    const own = await faultline('dead-man', '--run', 'r', '--cluster', 'tokyo', '--after', '60', '--target', swapped);
    expect([own.code, own.stderr.includes('TARGET_MISMATCH')]).to.deep.equal([3, true]);
  });

  longDrill(
    'exit 3: recover leaves a run that lives alone, and a frozen cluster is planned and run in by nobody',
    async () => {
      live = await liveSandbox();
      const store = live.sandbox.clusters[0]?.store;
      const lease = { ...KINDS.lease, metadata: { namespace: 'default', name: 'faultline' } };
      const spec = () => ({ holderIdentity: 'run-1/ci-7/42', renewTime: `2026-11-22T09:00:00.${performance.now()}` });
      store?.create({ ...lease, spec: spec() });
      const living = setInterval(() => {
        const now = store?.get({ ...KINDS.lease, namespace: 'default', name: 'faultline' });
        if (now !== undefined) store?.update({ ...now, spec: spec() });
      }, 500);
      const scanned = await faultline('recover', '--scan', '--target', live.targets);
      clearInterval(living);
      expect([scanned.code, scanned.stdout]).to.satisfy(
        ([code, text]: [number, string]) => code === 3 && text.includes('run run-1 (process 42 on host ci-7) holds it'),
      );
      expect(scanned.stdout).to.contain('Nothing was touched where somebody is at work');
      store?.create({
        ...KINDS.configMap,
        metadata: { namespace: 'default', name: 'faultline-freeze' },
        data: { reason: 'incident 7' },
      });
      const planned = await faultline('plan', FAILOVER, '--target', live.targets);
      expect([planned.code, planned.stdout.includes('FROZEN, a run is refused: incident 7')]).to.deep.equal([3, true]);
      const refused = await faultline(...briefRun(live));
      expect([refused.code, refused.stderr.includes('is frozen: incident 7')], refused.stderr).to.deep.equal([3, true]);
    },
  );
});
