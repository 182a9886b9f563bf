import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { hrtimeMicros } from './clock.ts';

describe('load/clock', () => {
  it('is one axis for all threads of the process', async () => {
    const source = `import { parentPort } from 'node:worker_threads';
      import { hrtimeMicros } from ${JSON.stringify(new URL('./clock.ts', import.meta.url).href)};
      parentPort.postMessage(hrtimeMicros());`;
    const before = hrtimeMicros();
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    const [inside] = (await once(worker, 'message')) as [number];
    expect(inside).to.be.within(before, hrtimeMicros());
    await worker.terminate();
  });

  it('gives whole microseconds on the scale of process.hrtime', () => {
    const before = Number(process.hrtime.bigint() / 1000n);
    const now = hrtimeMicros();
    expect(now).to.be.within(before, Number(process.hrtime.bigint() / 1000n));
    expect(Number.isInteger(now)).to.equal(true);
  });
});
