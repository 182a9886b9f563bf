import { expect } from 'chai';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import { AnswerTimes, type Made } from './prometheus-time.ts';

const START = Date.UTC(2026, 10, 22);
/** `Date` of an answer, so many seconds after the start. */
const date = (seconds: number) => new Date(START + seconds * 1000).toUTCString();

/** An answer to a question so many seconds after the start. */
type Answer = readonly [seconds: number, made: Partial<Made>, query?: string];

/** What is said of answers; undefined where they are of now. */
async function said(...answers: readonly Answer[]) {
  const clock = virtualClock();
  const times = new AnswerTimes(clock);
  const all: (string | undefined)[] = [];
  for (const [seconds, made, query = 'up'] of answers) {
    await clock.sleep(seconds * 1000 - times.now());
    const whole = { evaluated: undefined, date: undefined, age: undefined, ...made };
    try {
      times.requireNew(query, times.now(), whole);
      all.push(undefined);
    } catch (error) {
      all.push((error as Error).message);
    }
  }
  return all;
}

const at = (seconds: number, more: Partial<Made> = {}): Partial<Made> => ({
  evaluated: START + seconds * 1000,
  ...more,
});

describe('app/outside/prometheus-time', () => {
  const BY_DATE = 'by the Date of its answer: a cache, or its clock';
  const BY_US = 'by the clock of this machine: a cache, or its clock';

  it('holds the time of values against the clock of the same side, else against its own', async () => {
    const cases: [Partial<Made>, string | undefined][] = [
      [at(0, { date: date(0) }), undefined],
      [at(0, { date: date(30) }), undefined],
      [at(0, { date: date(31) }), `Prometheus answered for 2026-11-22T00:00:00Z, 31s ago ${BY_DATE}`],
      [at(40, { date: date(0) }), `Prometheus answered for 2026-11-22T00:00:40Z, 40s ahead ${BY_DATE}`],
      // Their clocks are wrong together.
      [at(-7200, { date: date(-7200) }), undefined],
      [at(-300), undefined],
      [at(299.5, { date: 'soon' }), undefined],
      [at(-301), `Prometheus answered for 2026-11-21T23:54:59Z, 5m1s ago ${BY_US}`],
      [at(400), `Prometheus answered for 2026-11-22T00:06:40Z, 6m40s ahead ${BY_US}`],
      [{ evaluated: 1e12 }, `Prometheus answered for 2001-09-09T01:46:40Z, 9204 days ago ${BY_US}`],
      [{ evaluated: Number.NaN }, 'the answer does not say for when its values are'],
      [{ evaluated: 1e300 }, 'the answer does not say for when its values are'],
      [{ date: date(-7200) }, undefined],
      [{}, undefined],
    ];
    for (const [made, text] of cases) expect(await said([0, made]), JSON.stringify(made)).to.deep.equal([text]);
  });

  it('takes nothing that a cache has kept for more than seconds', async () => {
    const kept = (age: string) => said([0, at(0, { date: date(0), age })]);
    expect([await kept('0'), await kept('5'), await kept('none')]).to.deep.equal([
      [undefined],
      [undefined],
      [undefined],
    ]);
    for (const [age, text] of [
      ['6', '6s'],
      ['300', '5m'],
      ['790000000', '9143 days'],
    ] as const)
      expect(await kept(age)).to.deep.equal([`a cache has kept the answer for ${text} (its header Age)`]);
  });

  it('takes nothing that was said before, a second or more ago', async () => {
    const still = 'Prometheus answered once more for 2026-11-22T00:00:00Z: a cache, or its clock stands still';
    const cases: [string, Answer[], (string | undefined)[]][] = [
      [
        'of another moment each',
        [
          [0, at(0)],
          [1, at(1)],
          [2, at(2)],
        ],
        [undefined, undefined, undefined],
      ],
      [
        'of the same moment',
        [
          [0, at(0)],
          [1, at(0)],
          [2, at(2)],
        ],
        [undefined, still, undefined],
      ],
      [
        'of one before',
        [
          [0, at(0)],
          [5, at(-4)],
        ],
        [undefined, still],
      ],
      [
        'in the same second',
        [
          [0, at(0)],
          [0.9, at(0)],
        ],
        [undefined, undefined],
      ],
      [
        'again and again',
        [
          [0, at(0)],
          [0.9, at(0)],
          [1.8, at(0)],
        ],
        [undefined, undefined, still],
      ],
      [
        'of other queries',
        [
          [0, at(0)],
          [9, at(0), 'down'],
        ],
        [undefined, undefined],
      ],
      [
        'none, with a date',
        [
          [0, { date: date(0) }],
          [1, { date: date(0) }],
          [2, { date: date(0) }],
        ],
        [undefined, undefined, still],
      ],
      [
        'none, with another date',
        [
          [0, { date: date(0) }],
          [2, { date: date(1) }],
        ],
        [undefined, undefined],
      ],
      [
        'none, without a date',
        [
          [0, {}],
          [60, {}],
        ],
        [undefined, undefined],
      ],
      [
        'none, and then one',
        [
          [0, { date: date(5) }],
          [3, at(3, { date: date(3) })],
        ],
        [undefined, undefined],
      ],
    ];
    for (const [name, answers, texts] of cases) expect(await said(...answers), name).to.deep.equal(texts);
  });
});
