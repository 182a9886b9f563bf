import { expect } from 'chai';
import fc from 'fast-check';
import { due, edit, every, through } from '../testing/changes.ts';
import { counted, found, inTurn, read, type Tell } from '../testing/ejections.ts';
import type { Handmade } from '../testing/handmade.ts';
import { holds } from '../testing/holds.ts';
import { counter, reading } from '../testing/proxies.ts';
import { endpointsOf } from '../testing/world.ts';

const some = fc.integer({ min: 1, max: 5 });
const old = fc.integer({ min: 0, max: 50 });
/** While the faults are on: injection requested at 10 s, undone at 31 s. */
const inside = fc.double({ min: 10, max: 31, noNaN: true });
const STRANGER = { pod: 'mocka-north-c-0', zone: 'north-c' } as const;

describe('docs/verdict.md 10: whose ejections count', () => {
  it('E1 those of proxies whose calls the affected pods had served', () =>
    holds(fc.tuple(old, some, inside), async ([before, n, t]) => {
      const tell = read((history) =>
        counter(history, [
          [2, before],
          [t, before + n],
        ]),
      );
      const verdict = async (rule: { atLeast?: number; atMost?: number }) => (await found(rule, tell)).verdict;
      expect(await counted(tell)).to.deep.equal([n, n]);
      expect(await verdict({ atLeast: n, atMost: n })).to.equal('pass');
      expect(await verdict({ atLeast: n + 1 })).to.equal('fail');
      expect(await verdict({ atMost: n - 1 })).to.equal('fail');
    }));

  it('E1 those of other zones’ proxies widen the interval: they fulfil nothing and break nothing', () =>
    holds(fc.tuple(some, some, inside), async ([n, others, t]) => {
      const tell = (own: number) =>
        read((history) => {
          counter(history, [
            [2, 0],
            [t, own],
          ]);
          counter(
            history,
            [
              [2, 7],
              [t, 7 + others],
            ],
            STRANGER,
          );
        });
      expect(await counted(tell(n))).to.deep.equal([n, n + others]);
      const few = await found({ atLeast: 1 }, tell(0));
      expect(few.verdict).to.equal('inconclusive');
      expect(few.cause).to.match(/^\d ejections? by proxies whose calls the fault does not concern$/);
      expect((await found({ atMost: n }, tell(n))).verdict).to.equal('inconclusive');
      expect((await found({ atMost: n + others }, tell(n))).verdict).to.equal('pass');
      expect((await found({ atLeast: n + others + 1 }, tell(n))).verdict).to.equal('fail');
    }));

  it('E1 a zone is concerned when the affected pods had served its calls, wherever it is', () =>
    holds(fc.tuple(some, inside), async ([n, t]) => {
      const tell = read((history) =>
        counter(
          history,
          [
            [2, 0],
            [t, n],
          ],
          STRANGER,
        ),
      );
      const crossing: Handmade = {
        records: (all) => edit(all, [every(5, due('north-b', 1, 9)), through('north-c', 'north-a', 'north-c')]),
      };
      expect(await counted(tell)).to.deep.equal([0, n]);
      expect(await counted(tell, crossing)).to.deep.equal([n, n]);
    }));

  it('E1 those from the injection request to the end of the undo', () =>
    holds(
      fc.tuple(old, some, fc.double({ min: 3, max: 42, noNaN: true })),
      async ([before, n, t]) => {
        const tell = read((history) =>
          counter(history, [
            [1, before],
            [t, before + n],
          ]),
        );
        const gained = t >= 10 && t <= 31 ? n : 0;
        expect(await counted(tell)).to.deep.equal([gained, gained]);
      },
      20,
    ));

  it('E1 not what a counter had before it was first read, unless its proxy came after the injection', () =>
    holds(fc.tuple(some, some), async ([first, more]) => {
      const pod = 'mocka-new';
      const born = (namespace: string) => [
        ...endpointsOf('tokyo'),
        ...endpointsOf('tokyo')
          .slice(0, 1)
          .map((one) => ({ ...one, pod, namespace })),
      ];
      const tell = (t: number, namespace: string) =>
        read((history) => {
          history.at(t * 1e6, { type: 'endpoints', cluster: 'tokyo', endpoints: born(namespace) });
          counter(
            history,
            [
              [16, first],
              [18, first + more],
            ],
            { pod, podNamespace: 'default' },
          );
        });
      expect(await counted(tell(15, 'default'))).to.deep.equal([first + more, first + more]);
      expect(await counted(tell(5, 'default'))).to.deep.equal([more, more]);
      // Another pod of that name, in another namespace, is another pod.
      const both: Tell = (history) => {
        history.at(5e6, { type: 'endpoints', cluster: 'tokyo', endpoints: born('shop') });
        tell(15, 'default')(history);
      };
      expect(await counted(both)).to.deep.equal([first + more, first + more]);
      expect(await counted(tell(15, 'shop'))).to.deep.equal([more, more]);
    }));

  for (const [what, one, two] of [
    ['two ports of one Service', { port: 8080 }, { port: 9090 }],
    ['two Services of one name', { namespace: 'default' }, { namespace: 'shop' }],
    ['two pods of one name', { podNamespace: 'default' }, { podNamespace: 'shop' }],
    ['two clusters’ pods of one name', { cluster: 'tokyo' }, { cluster: 'osaka' }],
  ] as const) {
    it(`E1 ${what} have a counter each`, () =>
      holds(
        fc.tuple(old, old, some, some),
        async ([a, b, n, m]) => {
          const still = read((history) => inTurn(history, [a, one], [b, two]));
          expect(await counted(still)).to.deep.equal([0, 0]);
          const both = read((history) => {
            counter(
              history,
              [
                [2, a],
                [12, a + n],
              ],
              one,
            );
            counter(
              history,
              [
                [2.3, b],
                [12.3, b + m],
              ],
              two,
            );
          });
          expect(await counted(both)).to.deep.equal([n + m, n + m]);
          const isOnePod = !('podNamespace' in one || 'cluster' in one);
          expect((await found({ atLeast: 1 }, both)).samples).to.equal(isOnePod ? 1 : 2);
          expect((await found({ atLeast: 1 }, both)).story).to.match(
            isOnePod ? /^1 calling proxy / : /^2 calling prox/,
          );
        },
        3,
      ));
  }

  it('E1 nothing is said of ejections by a fault that is not established', async () => {
    const tell = read((history) =>
      counter(history, [
        [2, 0],
        [12, 3],
      ]),
    );
    const { verdict, cause } = await found({ atLeast: 1 }, tell, { effective: null });
    expect(verdict).to.equal('inconclusive');
    expect(cause).to.match(/not established/);
    expect((await found({ atMost: 0 }, tell, { effective: null })).verdict).to.equal('inconclusive');
  });
});

describe('docs/verdict.md 10: whose word is needed', () => {
  const of = (answered: number, known: number) => ({ callers: { known, asked: Math.min(known, 100), answered } });

  /** One that was heard has ejected n times; whether there were more is not known. */
  async function expectOpen(coverage: Tell, n: number, t: number): Promise<void> {
    const tell: Tell = (history) => {
      coverage(history);
      counter(history, [
        [2, 0],
        [t, n],
      ]);
    };
    const most = await found({ atMost: n + 3 }, tell);
    expect([most.verdict, most.measured]).to.deep.equal(['inconclusive', { lo: n, hi: null, unit: 'count' }]);
    expect(most.cause).to.match(/^not every calling proxy could be read: \w/);
    expect((await found({ atLeast: n }, tell)).verdict).to.equal('pass');
    expect((await found({ atMost: n - 1 }, tell)).verdict).to.equal('fail');
    expect((await found({ atLeast: n + 1 }, tell)).verdict).to.equal('inconclusive');
  }

  async function expectClosed(coverage: Tell, n: number, t: number): Promise<void> {
    const tell: Tell = (history) => {
      coverage(history);
      counter(history, [
        [2, 0],
        [t, n],
      ]);
    };
    expect((await found({ atLeast: n, atMost: n }, tell)).verdict).to.equal('pass');
    expect((await found({ atLeast: n + 1 }, tell)).verdict).to.equal('fail');
  }

  const OPEN: readonly (readonly [string, Tell])[] = [
    ['1 of 20 proxies answered', (history) => reading(history, 0.6, of(1, 20))],
    ['100 of 150 proxies were asked', (history) => reading(history, 0.6, of(100, 150))],
    ['the other cluster answered in part', (history) => reading(history, 0.6, { cluster: 'osaka', ...of(3, 4) })],
    ['19 of 20 were lost in the hold', (history) => reading(history, 20, of(1, 20))],
    [
      'one was lost for a while',
      (history) => {
        reading(history, 15, of(19, 20));
        reading(history, 16, of(20, 20));
      },
    ],
    ['a cluster could not be read in the hold', (history) => reading(history, 20, { readable: false, ...of(0, 20) })],
    ['one was lost while the undo went on', (history) => reading(history, 30.5, of(19, 20))],
    ['nothing says how many there are', (history) => reading(history, 0.6, { callers: undefined })],
  ];
  for (const [when, tell] of OPEN) {
    it(`E2 atMost needs every proxy’s word, atLeast one: ${when}`, () =>
      holds(fc.tuple(some, inside), ([n, t]) => expectOpen(read(tell), n, t), 2));
  }

  it('E2 a cluster of the run that nobody read may have ejected as well', () =>
    holds(fc.tuple(some, inside), ([n, t]) => expectOpen((history) => reading(history, 0.5), n, t), 2));

  it('E2 nothing at all was read: open either way', async () => {
    for (const rule of [{ atMost: 0 }, { atLeast: 1 }]) {
      const { verdict, cause } = await found(rule, () => {});
      expect(verdict).to.equal('inconclusive');
      expect(cause).to.match(/the mesh was not asked for outlier statistics/);
    }
  });

  const CLOSED: readonly (readonly [string, Tell])[] = [
    ['all were read', () => {}],
    ['one reading failed after the undo', (history) => reading(history, 33, { readable: false, ...of(0, 20) })],
    ['sidecars were lost after the undo', (history) => reading(history, 33, of(1, 20))],
    [
      'one reading failed before the injection',
      (history) => {
        reading(history, 4, { readable: false, ...of(0, 20) });
        reading(history, 5, of(20, 20));
      },
    ],
  ];
  for (const [when, tell] of CLOSED) {
    it(`E2 what was said outside the faults does not matter: ${when}`, () =>
      holds(fc.tuple(some, inside), ([n, t]) => expectClosed(read(tell), n, t), 2));
  }
});
