import { expect } from 'chai';
import fc from 'fast-check';
import type { UnstampedEvent } from '../../model/ports.ts';
import { counted, found, type Tell } from '../testing/ejections.ts';
import type { HistoryBuilder } from '../testing/history-builder.ts';
import { holds } from '../testing/holds.ts';
import { allRead, counter, reading } from '../testing/proxies.ts';

const CLUSTERS = ['tokyo', 'osaka'] as const;
const ALL = { known: 3, asked: 3, answered: 3 };
/** While the faults are on: injection requested at 10 s, undone at 31 s. */
const inside = fc.double({ min: 10.1, max: 30.9, noNaN: true });

type Shown = 'in' | 'called' | 'out' | 'gone' | 'gone-out';

/** Hosts of mockb as the proxy of mocka in north-a has them at some times, in seconds. */
function hosts(
  history: HistoryBuilder,
  ...shown: readonly (readonly [t: number, ...hosts: readonly (readonly [string, Shown])[]])[]
): void {
  for (const [t, ...list] of shown) {
    const event = {
      ...{ type: 'calls', cluster: 'tokyo', pod: 'mocka-north-a-0', podNamespace: 'default', zone: 'north-a' },
      ...{ service: 'mockb', namespace: 'default', port: 8080, from: (t - 1) * 1e6, to: t * 1e6 },
      hosts: list.map(([address, is]) => ({
        ...{ address: `${address}:8080`, region: '', zone: 'north-a', priority: 0, healthy: true },
        ...{ ejected: is === 'out' || is === 'gone-out', requests: is === 'called' ? 9 : 0 },
        ...{ served: 0, failed: 0, refused: 0 },
        ...(is.startsWith('gone') && { gone: true }),
      })),
    };
    history.at(t * 1e6, event as unknown as UnstampedEvent);
  }
}

/** Nobody keeps outlier statistics, and the hosts of all proxies were read. */
const seen =
  (tell: Tell, callers: object = ALL): Tell =>
  (history) => {
    for (const cluster of CLUSTERS) {
      reading(history, 0.5, { cluster, readable: false, callers: { ...ALL, answered: 0 } });
      const event = { type: 'calls-telemetry', cluster, readable: true, detail: 'x', callers };
      history.at(0.5e6, event as unknown as UnstampedEvent);
    }
    tell(history);
  };

describe('docs/verdict.md 10: ejections that no statistics tell', () => {
  it('E4 are those that the hosts of the proxies show: each time one becomes ejected', () =>
    holds(inside, async (t) => {
      const once = seen((history) => hosts(history, [2, ['a', 'in'], ['b', 'in']], [t, ['a', 'out']]));
      expect(await counted(once)).to.deep.equal([1, 1]);
      const { verdict, story } = await found({ atLeast: 1, atMost: 1 }, once);
      expect([verdict, story.includes('as the state of their hosts showed once a second')]).to.deep.equal([
        'pass',
        true,
      ]);
      const again = seen((history) =>
        hosts(history, [2, ['a', 'in']], [10.2, ['a', 'out']], [10.3, ['a', 'in']], [31, ['a', 'out'], ['b', 'out']]),
      );
      expect(await counted(again)).to.deep.equal([3, 3]);
    }));

  it('E4 are none of a host that was ejected before, nor of one that is still', () =>
    holds(inside, async (t) => {
      const before = seen((history) =>
        hosts(history, [2, ['a', 'out'], ['b', 'in']], [5, ['b', 'out']], [t, ['a', 'out']]),
      );
      expect(await counted(before)).to.deep.equal([0, 0]);
    }));

  it('E4 are none where no host was ever ejected: that fails, with every reason that there may be', () =>
    holds(inside, async (t) => {
      const never = seen((history) => hosts(history, [2, ['a', 'in']], [t, ['a', 'in'], ['b', 'in']]));
      const few = await found({ atLeast: 1 }, never);
      expect([few.verdict, few.cause]).to.deep.equal(['fail', 'fewer ejections than asked for']);
      expect(few.hint).to.match(/no outlierDetection .*, a maxEjectionPercent below one host, or .*faultline lint/);
      expect((await found({ atMost: 0 }, never)).verdict).to.equal('pass');
    }));

  it('E4 may have been of a host in its last second before it left', () =>
    holds(inside, async (t) => {
      const gone = seen((history) =>
        hosts(history, [2, ['a', 'in'], ['b', 'in']], [5, ['b', 'called']], [t, ['a', 'gone']]),
      );
      expect(await counted(gone)).to.deep.equal([0, 1]);
      for (const rule of [{ atLeast: 1 }, { atMost: 0 }]) {
        const { verdict, cause } = await found(rule, gone);
        expect(verdict).to.equal('inconclusive');
        expect(cause).to.contain('nothing tells whether they were ejected in their last second');
      }
      const idle = seen((history) => hosts(history, [2, ['a', 'in'], ['b', 'in']], [t, ['a', 'gone']]));
      expect(await counted(idle)).to.deep.equal([0, 0]);
      const out = seen((history) => hosts(history, [2, ['a', 'in']], [t, ['a', 'out']], [t + 0.05, ['a', 'gone-out']]));
      expect(await counted(out)).to.deep.equal([1, 1]);
    }));

  it('E4 are not known where a proxy was not read, or told workloads alone', () =>
    holds(inside, async (t) => {
      const tell: Tell = (history) => hosts(history, [2, ['a', 'in']], [t, ['a', 'in']]);
      for (const callers of [
        { ...ALL, answered: 2 },
        { ...ALL, byWorkload: 1 },
      ]) {
        for (const rule of [{ atLeast: 1 }, { atMost: 0 }]) {
          expect((await found(rule, seen(tell, callers))).verdict, JSON.stringify(callers)).to.equal('inconclusive');
        }
      }
      // One that was seen has been, whoever was not read.
      const once: Tell = (history) => hosts(history, [2, ['a', 'in']], [t, ['a', 'out']]);
      expect((await found({ atLeast: 1 }, seen(once, { ...ALL, answered: 2 }))).verdict).to.equal('pass');
    }));

  it('E4 are those of the statistics where all proxies keep them', () =>
    holds(inside, async (t) => {
      const both: Tell = (history) => {
        allRead(history);
        for (const cluster of CLUSTERS) {
          const event = { type: 'calls-telemetry', cluster, readable: true, detail: 'x', callers: ALL };
          history.at(0.5e6, event as unknown as UnstampedEvent);
        }
        counter(history, [
          [2, 0],
          [t, 4],
        ]);
        hosts(history, [2, ['a', 'in']], [t, ['a', 'out']]);
      };
      expect(await counted(both)).to.deep.equal([4, 4]);
    }));
});
