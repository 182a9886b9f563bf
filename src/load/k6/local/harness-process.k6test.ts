import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { CHAIN, loadOf, pathTo } from '../../testing/load-fixture.ts';
import { until } from '../../testing/run-load.ts';
import { answering, type TestServer } from '../../testing/test-server.ts';
import { forkHarness, ROUTES } from '../testing/forked-harness.ts';

/** Whether a process is there that is no zombie waiting to be reaped by whoever inherited it. */
async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

describe('load/k6: load and the process of the harness', function () {
  this.timeout(60_000);
  let target: TestServer;
  let served = 0;
  before(async () => {
    target = await answering((_, res) => {
      served += 1;
      res.end(CHAIN);
    });
  });
  after(() => target.close());

  for (const route of ROUTES) {
    const connections = route === 'extension' ? 'kept' : 'fresh';

    it(`${route}: k6 ends when the harness is killed`, async () => {
      const harness = await forkHarness(route, loadOf({ connections }), [pathTo(target.port)]);
      expect(await runs(harness.k6)).to.equal(true);
      harness.child.kill('SIGKILL');
      let running = true;
      await until(() => {
        void runs(harness.k6).then((still) => {
          running = still;
        });
        return !running;
      });
      await harness.cleanup();
    });

    it(`${route}: a frozen reader never makes a request wait, and gets them all afterwards`, async () => {
      // More than the buffers between k6 and its reader hold.
      const ratePerSecond = route === 'extension' ? 1000 : 400;
      const load = loadOf({ connections, ratePerSecond });
      const harness = await forkHarness(route, load, [pathTo(target.port)]);
      const before = served;
      harness.child.kill('SIGSTOP');
      await until(() => served - before >= 6 * ratePerSecond);
      harness.child.kill('SIGCONT');
      const { counts, records } = await harness.stop();
      expect(counts[0]?.dropped).to.equal(0);
      expect(records).to.equal(counts[0]?.due);
      // The console's window ends a moment before the stop.
      expect(records).to.be.at.least(5 * ratePerSecond);
      await harness.cleanup();
    });
  }
});
