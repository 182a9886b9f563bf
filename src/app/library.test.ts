import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { longDrill } from '../cli/testing/drill.ts';
import { BRIEF, type LiveSandbox, liveSandbox } from '../cli/testing/live-sandbox.ts';
import { KINDS } from '../model/kubernetes.ts';
import { runScenario } from './library.ts';

const SCENARIO = 'scenarios/service-failover.yaml';
const MOCKB = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
const LIBRARY = fileURLToPath(new URL('./library.ts', import.meta.url));
const LONG = ['spec.phases.baseline=4s', 'spec.phases.hold=60s', 'spec.phases.recover=1s', 'spec.load.rate=40/s'];

describe('the library', function () {
  this.timeout(120_000);
  let live: LiveSandbox;
  before(async () => {
    live = await liveSandbox();
  });
  after(() => live.close());

  const tokyo = () => {
    const [cluster] = live.sandbox.clusters;
    if (cluster === undefined) throw new Error('the sandbox has a cluster');
    return cluster.store;
  };
  const isSwapped = () => JSON.stringify(tokyo().get(MOCKB)?.spec).includes('curl');

  /** A program of a user that runs the scenario, and then goes on. */
  function program(extra = ''): ReturnType<typeof spawn> {
    const code = `
      import { runScenario } from ${JSON.stringify(LIBRARY)};
      ${extra}
      const options = ${JSON.stringify({ target: live.targets, out: live.out, set: LONG })};
      const { result } = await runScenario(${JSON.stringify(SCENARIO)}, options);
      console.log('exit code ' + result.exitCode + ': ' + result.reason);
      setInterval(() => {}, 1_000);
    `;
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', code];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async function whileSwapped(child: ReturnType<typeof spawn>, act: () => void) {
    let said = '';
    child.stdout?.on('data', (piece) => {
      said += piece;
    });
    child.stderr?.on('data', (piece) => {
      said += piece;
    });
    const ended = once(child, 'exit');
    while (!isSwapped() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isSwapped(), said).to.equal(true);
    act();
    const [code, signal] = (await ended) as [number | null, string | null];
    return { code, signal, said };
  }

  longDrill('undoes the fault at a signal, and then ends the process as the signal would have', async () => {
    const child = program();
    const { code, signal, said } = await whileSwapped(child, () => child.kill('SIGINT'));
    expect([code, signal], said).to.deep.equal([null, 'SIGINT']);
    expect(isSwapped()).to.equal(false);
    expect(tokyo().get({ ...KINDS.configMap, namespace: 'default', name: 'faultline-run' })).to.equal(undefined);
  });

  longDrill(
    'undoes the fault when the program meets an error that nobody catches, and then lets it die of it',
    async () => {
      const child = program("process.on('SIGUSR2', () => { throw new Error('my own bug'); });");
      const { code, said } = await whileSwapped(child, () => child.kill('SIGUSR2'));
      expect(code, said).to.equal(1);
      expect(said).to.contain('Error: my own bug');
      expect(isSwapped()).to.equal(false);
    },
  );

  it('touches nothing when it is told to stop before it begins', async () => {
    const options = { target: live.targets, out: `${live.out}-never`, set: BRIEF, signal: AbortSignal.abort() };
    const refused = await runScenario(SCENARIO, options).then(
      () => 'it ran',
      (error: Error) => error.message,
    );
    expect(refused).to.equal('stopped before it began: nothing was touched');
    expect(existsSync(options.out)).to.equal(false);
  });

  longDrill('stops, undone, when its signal comes later', async () => {
    const ending = new AbortController();
    const before = process.listenerCount('SIGINT');
    const running = runScenario(SCENARIO, { target: live.targets, out: live.out, set: LONG, signal: ending.signal });
    while (!isSwapped()) await new Promise((resolve) => setTimeout(resolve, 50));
    ending.abort();
    const { result } = await running;
    expect([result.status, result.exitCode]).to.deep.equal(['interrupted', 143]);
    expect(result.statusReason).to.equal('stopped by the program that runs it');
    expect(isSwapped()).to.equal(false);
    expect(process.listenerCount('SIGINT')).to.equal(before);
  });
});
