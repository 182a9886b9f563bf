import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { StandInOperator } from '../load/k6/testing/stand-in-operator.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { RunResult } from '../model/result.ts';
import { faultline, type LiveSandbox, liveSandbox, SHORT, settings, start, UNHURRIED } from './testing/live-sandbox.ts';

const SCENARIO = fileURLToPath(new URL('../../scenarios/service-failover.yaml', import.meta.url));
const FRESH = [...SHORT, UNHURRIED, 'spec.load.connections=fresh'];

describe('cli: a whole drill with load by k6', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-drill-'));
  const scenario = join(folder, 'drill.yaml');
  const out = join(folder, 'reports');
  before(() => copyFileSync(SCENARIO, scenario));
  after(() => rmSync(folder, { recursive: true }));

  async function drill(change: readonly string[], target: readonly string[] = []): Promise<RunResult> {
    const { code, stdout, stderr } = await faultline(
      ...['run', scenario, '--out', out, '-o', 'json', ...target, ...settings([...FRESH, ...change])],
    );
    if (stdout === '') throw new Error(`exit ${code}: ${stderr}`);
    return JSON.parse(stdout) as RunResult;
  }

  /** The same outage as with any engine: one error for the caller beside the fault, then the next zone, then home. */
  function expectFailover({ verdict, findings, ladders }: RunResult): void {
    const bad = findings
      .filter((finding) => finding.verdict !== 'pass')
      .map(({ id, story, cause }) => `${id}: ${story} ${cause}`);
    expect(bad).to.deep.equal([]);
    expect(verdict).to.equal('pass');
    expect(ladders[0]?.rungs[1]).to.deep.include({ place: { zone: 'ap-northeast-1b' }, state: 'took-over' });
  }

  it('with a script of its own, and the dashboard beside the report', async () => {
    const script = join(folder, 'load.ts');
    expect((await faultline('k6', 'script', script)).code).to.equal(0);
    const result = await drill(['spec.load.engine=k6', 'spec.load.script=./load.ts', 'spec.load.dashboard=true']);
    expectFailover(result);
    expect(result.loadDashboard).to.equal('k6-dashboard.html');
    const run = join(out, result.run.runId);
    expect(readdirSync(run)).to.include('k6-dashboard.html');
    expect(readdirSync(join(run, 'script'))).to.have.members(['faultline.ts', 'load.ts']);
    expect(readFileSync(join(run, 'report.html'), 'utf8')).to.contain('href="k6-dashboard.html"');
  });

  it('refuses a script whose requests are no path of the scenario, before any fault', async () => {
    const script = join(folder, 'wrong.ts');
    writeFileSync(script, "import http from './faultline.ts';\nexport default () => { http.get('/other'); };\n");
    const result = await drill(['spec.load.engine=k6', 'spec.load.script=wrong.ts']);
    expect(result).to.include({ status: 'refused', exitCode: 3 });
    expect(result.statusReason).to.contain('nothing was injected');
    const said = result.findings.map(({ story, cause }) => `${story} ${cause ?? ''}`).join('\n');
    expect(said).to.contain('GET /other is no path of the scenario');
  });

  describe('from pods of a cluster that the fault is in, too', () => {
    let live: LiveSandbox;
    let operator: StandInOperator;
    const pods = () => ['--target', live.targets, '--yes'];
    const store = () => {
      const found = live.sandbox.clusters.find(({ layout }) => layout.name === 'tokyo');
      if (found === undefined) throw new Error('no cluster tokyo');
      return found.store;
    };
    /** What sends load, or has sent it. */
    const left = () =>
      [KINDS.testRun, KINDS.configMap, KINDS.pod]
        .flatMap((kind) => store().list(kind, 'default'))
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined && metadata.name?.startsWith('faultline-2'))
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`);

    /** Pods go a moment after their TestRun. */
    const nothingLeft = async () => {
      for (let looks = 0; looks < 200 && left().length > 0; looks += 1) await sleep(20);
      expect(left()).to.deep.equal([]);
    };

    before(async () => {
      operator = await StandInOperator.start(process.env.FAULTLINE_STOCK_K6 ?? '', store);
      live = await liveSandbox([], { programs: operator.programs });
      const where = '  loadCluster: { kubeconfig: ./kubeconfig, context: tokyo, namespace: default, pods: 2 }\n';
      writeFileSync(live.targets, `${readFileSync(live.targets, 'utf8').trimEnd()}\n${where}`);
      operator.watch();
    });
    after(async () => {
      await operator.close();
      await live.close();
    });

    it('judges as ever, and leaves nothing in the load cluster', async () => {
      expectFailover(await drill(['spec.load.engine=k6-operator'], pods()));
      expect(operator.pods).to.have.length(2);
      await nothingLeft();
    });

    it('is looked at by doctor', async () => {
      const { code, stdout } = await faultline('doctor', '--target', live.targets);
      expect(stdout).to.match(/^ok +load cluster tokyo: .*has the CRD TestRun/m);
      expect(code).to.equal(0);
    });

    it('is ended by recover when the runner was killed', async () => {
      const args = settings([...FRESH, 'spec.load.engine=k6-operator', 'spec.phases.hold=60s']);
      const { child, saw, said } = start(['run', scenario, '--out', out, ...pods(), ...args]);
      await saw('phase hold');
      child.kill('SIGKILL');
      await said;
      expect(left().length).to.be.at.least(2);
      const again = await faultline('run', scenario, '--out', out, ...pods(), ...args);
      expect(again.code).to.equal(3);
      expect(again.stderr).to.match(/run \S+ (sends load already|has not been undone)/);
      const { code, stdout } = await faultline('recover', '--out', out);
      expect(stdout).to.contain('deleted TestRun default/faultline-2');
      expect(code).to.equal(0);
      await nothingLeft();
    });
  });
});
