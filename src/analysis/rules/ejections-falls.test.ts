import { expect } from 'chai';
import fc from 'fast-check';
import { counted, found, inTurn, OLD_FORMAT, read } from '../testing/ejections.ts';
import { holds } from '../testing/holds.ts';
import { counter } from '../testing/proxies.ts';

const some = fc.integer({ min: 1, max: 5 });
const old = fc.integer({ min: 0, max: 50 });

describe('docs/verdict.md 10: counters that fall', () => {
  it('E1 old readings without a port, in which two ports take turns, show nothing for certain', () =>
    holds(fc.tuple(fc.integer({ min: 1, max: 50 }), old), async ([more, less]) => {
      const yesterday = read((history) => inTurn(history, [more + less, OLD_FORMAT], [less, OLD_FORMAT]));
      const [lo] = await counted(yesterday);
      expect(lo).to.equal(0);
      expect((await found({ atLeast: 1 }, yesterday)).verdict).to.equal('inconclusive');
      expect((await found({ atMost: 0 }, yesterday)).verdict).to.equal('inconclusive');
    }));

  it('E1 a proxy that begins again counts from 0: what it shows then is new', () =>
    holds(fc.tuple(some, some, some), async ([before, again, after]) => {
      const tell = read((history) =>
        counter(history, [
          [2, 60],
          [11, 60 + before],
          [15, again],
          [17, again + after],
        ]),
      );
      const all = before + again + after;
      expect(await counted(tell)).to.deep.equal([all, all]);
      expect((await found({ atMost: all - 1 }, tell)).verdict).to.equal('fail');
    }));

  it('E1 one that may have begun again before the injection shows nothing for certain by that', () =>
    holds(fc.tuple(some, some), async ([again, after]) => {
      const tell = read((history) =>
        counter(history, [
          [2, 60],
          [15, again],
          [17, again + after],
        ]),
      );
      expect(await counted(tell)).to.deep.equal([after, again + after]);
      expect((await found({ atMost: after }, tell)).cause).to.match(/^counters fell in between/);
    }));

  for (const missing of ['port', 'namespace', 'podNamespace'] as const) {
    it(`E1 without its ${missing} a reading may be another counter's: what a fall leaves may be old`, () =>
      holds(fc.tuple(some, some), async ([before, again]) => {
        const tell = read((history) =>
          counter(
            history,
            [
              [2, 60],
              [11, 60 + before],
              [15, again],
            ],
            { [missing]: undefined },
          ),
        );
        expect(await counted(tell)).to.deep.equal([before, before + again]);
      }));
  }

  it('E1 a fall is of one row: what another row of the proxy counts stays as it is', () =>
    holds(fc.tuple(some, some, some), async ([before, again, other]) => {
      const tell = read((history) => {
        counter(history, [
          [2, 0],
          [11, before],
          [15, Math.min(again, before - 1)],
        ]);
        for (const row of [{ port: 9090 }, { namespace: 'another' }]) {
          counter(
            history,
            [
              [2, 60],
              [13, 60 + other],
            ],
            row,
          );
        }
      });
      const all = before + Math.min(again, before - 1) + 2 * other;
      expect(await counted(tell)).to.deep.equal([all, all]);
    }));

  it('E1 in an old reading a counter that falls once may be of two that took turns', () =>
    holds(fc.tuple(some, some, some), async ([before, again, after]) => {
      const tell = read((history) =>
        counter(
          history,
          [
            [2, 60],
            [11, 60 + before],
            [15, again],
            [17, again + after],
          ],
          OLD_FORMAT,
        ),
      );
      expect(await counted(tell)).to.deep.equal([before + after, before + again + after]);
      expect((await found({ atMost: before + after }, tell)).cause).to.match(/^counters fell in between/);
      expect((await found({ atLeast: before + after, atMost: before + again + after }, tell)).verdict).to.equal('pass');
    }));

  it('E1 with its port said, a counter that falls again and again is a proxy that begins again and again', () =>
    holds(
      fc.tuple(some, some, some),
      async ([a, b, c]) => {
        const tell = read((history) =>
          counter(history, [
            [2, 60],
            [11, 60 + a],
            [13, 0],
            [15, b],
            [17, 0],
            [19, c],
          ]),
        );
        expect(await counted(tell)).to.deep.equal([a + b + c, a + b + c]);
      },
      3,
    ));
});
