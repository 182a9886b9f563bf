import { expect } from 'chai';
import { alone, holdForRun } from './lock.ts';

/** Abstract sockets are Linux's, and so is the lab. */
const onLinux = process.platform === 'linux' ? it : () => {};

describe('one faultline at a time', () => {
  const name = `\0faultline-test-${process.pid}`;

  onLinux('keeps a second one out while the first is at work, and lets it in afterwards', async () => {
    const inside = alone(() => alone(async () => 'both', name).catch((error: unknown) => error), name);
    expect(await inside).to.include({ code: 'LAB' });
    expect(await alone(async () => 'next', name)).to.equal('next');
  });

  onLinux('is over when the work fails', async () => {
    await alone(() => Promise.reject(new Error('no')), name).catch(() => {});
    expect(await alone(async () => 'next', name)).to.equal('next');
  });

  onLinux('keeps a second run out until the first has let go', async () => {
    const run = `${name}-run`;
    const release = await holdForRun(run);
    expect(await holdForRun(run).catch((error: unknown) => error)).to.include({ code: 'LAB' });
    release();
    (await holdForRun(run))();
  });
});
