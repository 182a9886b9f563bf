import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { answering, CHAIN, loadOf, pathTo, until } from '../undici/rig.ts';

const ENGINE = new URL('./engine.ts', import.meta.url).href;

/** Whether a process is there that is no zombie waiting to be reaped by whoever inherited it. */
async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

describe('load/k6: load never outlives the harness', () => {
  it('ends k6 when the harness is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faultline-orphan-'));
    const target = await answering((_, res) => res.end(CHAIN));
    const options = { load: loadOf(), paths: [pathTo(target.port)], file: join(folder, 'r'), zero: 0 };
    const source = `
      const { k6Engine } = await import(${JSON.stringify(ENGINE)});
      const engine = k6Engine({ binary: ${JSON.stringify(process.env.FAULTLINE_K6 ?? '')} });
      const handle = await engine.start(${JSON.stringify(options)});
      process.send(handle.pid);`;
    const harness = fork('-', {
      execArgv: ['--input-type=module', '-e', source],
      env: { ...process.env, TMPDIR: folder },
    });
    const [pid] = (await once(harness, 'message')) as [number];
    expect(await runs(pid)).to.equal(true);
    harness.kill('SIGKILL');
    await once(harness, 'close');
    let running = true;
    await until(() => {
      void runs(pid).then((still) => {
        running = still;
      });
      return !running;
    });
    await target.close();
    await rm(folder, { recursive: true });
  });
});
