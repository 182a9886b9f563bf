import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { observedCallers as observed, clustersPage as page } from './testing/observed-callers.ts';
import { pod } from './testing/observed-cluster.ts';

const SCOPE = { namespaces: ['default'], gateways: [] };

describe('observed calls: how often', () => {
  for (const error of [
    new Error('broken'),
    new FaultlineError('TARGET_UNREACHABLE', 'port-forward: connection reset'),
  ]) {
    it(`are asked for ever less often where nothing answers (${error.name})`, async () => {
      const cluster = observed(pod('web-0'));
      const asked: number[] = [];
      cluster.admin = () => {
        asked.push(cluster.clock.now() / 1e6);
        throw error;
      };
      await cluster.start(SCOPE).run(50_500);
      expect(asked).to.deep.equal([0, 1, 3, 7, 15, 31, 47]);
    });
  }

  it('are asked for a second later again once a proxy answers, however often it had not', async () => {
    const cluster = observed(pod('web-0'));
    const asked: number[] = [];
    cluster.admin = () => {
      asked.push(cluster.clock.now() / 1e6);
      if (asked.length !== 3) throw new Error('broken');
      return page([{ ip: '1' }]);
    };
    await cluster.start(SCOPE).run(8_500);
    expect(asked).to.deep.equal([0, 1, 3, 4, 5, 7]);
  });

  for (const [tookMs, wanted, kept] of [
    [200, [0, 1, 2, 3, 4], true],
    [700, [0, 1, 4, 7, 10], true],
    [2_200, [0, 3, 12, 21, 30], true],
    [2_500, [0, 3, 13, 16, 26], false],
  ] as const) {
    it(`take a quarter of the time at most, but for a reading that opens the way: ${tookMs} ms each`, async () => {
      const cluster = observed(pod('web-0'));
      const asked: number[] = [];
      cluster.admin = async () => {
        asked.push(cluster.clock.now() / 1e6);
        await cluster.clock.sleep(tookMs);
        return page([{ ip: '1', total: asked.length }]);
      };
      cluster.start(SCOPE);
      const last = wanted[4] * 1_000;
      await cluster.clock.sleep(last - 500);
      expect(cluster.ways.length, 'ways that are kept meanwhile').to.equal(kept ? 1 : 0);
      await cluster.clock.sleep(1_000);
      expect(asked).to.deep.equal(wanted);
      await cluster.run(0);
    });
  }

  it('are asked for every second of all, and of many every ten seconds where none were found at first', async () => {
    const some = Array.from({ length: 98 }, (_, index) => pod(`other-${index}`));
    const few = observed(pod('web-0'), pod('idle-0'), ...some);
    let idle = 0;
    few.admin = (name) => {
      if (name.includes('idle')) idle += 1;
      return page([{ ip: '1', total: name.includes('idle') ? 0 : 1 }]);
    };
    await few.start(SCOPE).run(29_500);
    expect(idle).to.equal(30);

    const cluster = observed(pod('web-0'), pod('idle-0'), pod('late-0'), ...some);
    const asked: Record<string, number> = {};
    cluster.admin = (name) => {
      const count = (asked[name] ?? 0) + 1;
      asked[name] = count;
      const calls = name.includes('web') || (name.includes('late') && count > 11);
      return page([{ ip: '1', total: calls ? count : 0 }]);
    };
    await cluster.start(SCOPE).run(29_500);
    // Rounds 0 to 9, then 19 and 29; the late one is found calling in round 29, and read at the end.
    const { 'default/web-0': web, 'default/idle-0': none, 'default/late-0': late } = asked;
    expect([web, none, late]).to.deep.equal([31, 12, 13]);
  });

  it('that nobody may read are told as such, and hardly asked for again', async () => {
    const cluster = observed(pod('web-0'));
    let asked = 0;
    cluster.admin = () => {
      asked += 1;
      throw new FaultlineError('PERMISSION_DENIED', 'port-forward: 403; exec: 403');
    };
    const pages: string[] = [];
    cluster.answer = (_, port, path) => {
      if (path.includes('istio_')) pages.push(`${port} at ${cluster.clock.now() / 1e6}`);
      throw new FaultlineError('PERMISSION_DENIED', 'pods/proxy: 403');
    };
    await cluster.start(SCOPE).run(50_500);
    expect(asked).to.equal(1);
    expect(pages).to.deep.equal(['15090 at 1', '15020 at 1']);
    const [told] = cluster.of('calls-telemetry');
    expect(told).to.include({
      readable: false,
      detail:
        '0 of 1 calling proxy tell whom they call; 1 could not be read (port-forward: 403; exec: 403; and pods/proxy: 403)',
    });
  });

  it('of a fleet are read less often, each as often as the others: of 450 a third every second', async () => {
    const cluster = observed(...Array.from({ length: 450 }, (_, index) => pod(`web-${index}`)));
    const asked = new Map<string, number>();
    cluster.admin = (name) => {
      const count = (asked.get(name) ?? 0) + 1;
      asked.set(name, count);
      return page([{ ip: '1', total: count }]);
    };
    cluster.start(SCOPE);
    await cluster.clock.sleep(500);
    expect(asked.size).to.equal(200);
    await cluster.clock.sleep(3_000);
    asked.clear();
    await cluster.clock.sleep(9_000);
    expect([asked.size, ...new Set(asked.values())]).to.deep.equal([450, 3]);
    await cluster.run(0);
  });
});
