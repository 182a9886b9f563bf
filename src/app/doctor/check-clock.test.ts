import { expect } from 'chai';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { checkClock } from './check-clock.ts';

const NOW = Date.parse('2026-11-29T12:00:00.700Z');

/** What is said when the API's clock is so many seconds ahead of 12:00:00, and an answer takes so long. */
async function said(secondsAhead: number | undefined, tookMs = 100) {
  const wanted: unknown[] = [];
  const cluster: Pick<Cluster, 'name' | 'create'> = {
    name: 'tokyo',
    create: async (object: KubeObject, options) => {
      wanted.push(options);
      if (secondsAhead === undefined) throw new Error('forbidden');
      const creationTimestamp = new Date(Math.floor(NOW / 1000) * 1000 + secondsAhead * 1000).toISOString();
      return { ...object, metadata: { ...object.metadata, creationTimestamp } };
    },
  };
  let asked = 0;
  const wall = (): Date => new Date(NOW + tookMs * asked++);
  const check = await checkClock(cluster as Cluster, { wall });
  expect(wanted).to.deep.equal([{ dryRun: true }]);
  return check;
}

describe('what doctor says of clocks', () => {
  it('is that they agree, as far as whole seconds and the time of the answer tell', async () => {
    for (const [ahead, took] of [
      [0, 100],
      [5, 100],
      [-5, 100],
      [60, 60_000],
    ] as const) {
      expect((await said(ahead, took))?.ok, `${ahead} s in ${took} ms`).to.equal(true);
    }
  });

  it('is how far ahead or behind the cluster is, at least, and no run hangs on it', async () => {
    const ahead = await said(60);
    expect([ahead?.ok, ahead?.optional, ahead?.detail]).to.deep.equal([
      false,
      true,
      "at least 59 s ahead of this machine's",
    ]);
    expect((await said(-60))?.detail).to.equal("at least 60 s behind this machine's");
    expect(ahead?.fix).to.contain('NTP');
  });

  it('is nothing where the API does not tell', async () => {
    expect(await said(undefined)).to.equal(undefined);
  });
});
