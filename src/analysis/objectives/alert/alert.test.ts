import { expect } from 'chai';
import type { UnstampedEvent } from '../../../model/ports.ts';
import { findingOf, type Handmade, judged, recovering } from '../../testing/handmade.ts';

type Step = readonly [at: number, event: UnstampedEvent];

const ASKED: Step = [1, { type: 'alert-telemetry', readable: true, detail: '0 alerts fire' }];
const state = (at: number, from: number, firing: boolean, strange: readonly string[] = []): Step => [
  at,
  {
    ...{ type: 'alert', index: 0, rule: 'Broken', from: from * 1e6, firing, strange },
    labels: firing ? ['{alertname="Broken"}'] : [],
  },
];

/** The effect is at 10 s or so, the undo is asked for at 30 s. */
function run(alert: Readonly<Record<string, unknown>>, steps: readonly Step[], more: Handmade = {}): Handmade {
  return recovering({
    ...more,
    expect: { alert: [{ rule: 'Broken', labels: { team: 'mesh' }, onlyThese: false, ...alert }] },
    events: (history) => {
      for (const [at, event] of [...steps].sort(([a], [b]) => a - b)) history.at(at * 1e6, event);
    },
  });
}

async function verdictOf(id: string, made: Handmade): Promise<string> {
  const { verdict, cause = '' } = findingOf(await judged(made), id);
  return `${verdict} ${cause}`.trim();
}

describe('objective: alert', () => {
  const FIRES = { firesWithinMs: 10_000 };
  const OFF = state(1.1, 1, false);

  it('passes where it fired in time, fails where it was late or never, and is open where nobody can tell', async () => {
    const of = (...steps: readonly Step[]) =>
      verdictOf('alert/Broken (team=mesh)/fires', run(FIRES, [ASKED, ...steps]));
    expect(await of(OFF, state(15, 14, true))).to.equal('pass');
    expect(await of(OFF, state(26, 25, true))).to.equal('fail it took longer');
    expect(await of(OFF)).to.equal('fail it was not seen at all');
    expect(await of(OFF, state(22, 13, true))).to.match(/^inconclusive it may have been in time or not/);
    expect(await of(state(1.1, 1, true))).to.match(/^inconclusive it was firing before the fault/);
    expect(await of(OFF, state(5, 4, true), state(8, 7, false), state(15, 14, true)), 'off again before').to.equal(
      'pass',
    );
  });

  it('is open where it may have begun before the fault took effect, or since the undo', async () => {
    const of = (limit: number, ...steps: readonly Step[]) =>
      verdictOf('alert/Broken (team=mesh)/fires', run({ firesWithinMs: limit }, [ASKED, ...steps]));
    const maybe = /^inconclusive it may have begun before the fault took effect/;
    expect(await of(10_000, OFF, state(15, 5, true))).to.match(maybe);
    expect(await of(10_000, state(15, 0, true)), 'first heard of then').to.match(maybe);
    expect(await of(10_000, OFF, state(15, 14, true))).to.equal('pass');
    const late = 'inconclusive the undo had begun by then, and may be why';
    expect(await of(60_000, OFF, state(32, 31, true))).to.equal(late);
    expect(await of(60_000, OFF, state(32, 28, true))).to.equal(late);
    expect(await of(10_000, OFF, state(32, 31, true))).to.equal('fail it took longer');
  });

  it('is told by no silence that does not matter, and by every one that does', async () => {
    const silent = (at: number, from: number): Step => [
      at,
      { type: 'alert-telemetry', readable: false, from: from * 1e6, detail: 'no answer' },
    ];
    const heard = (at: number): Step => [at, { type: 'alert-telemetry', readable: true, detail: 'again' }];
    const of = (...steps: readonly Step[]) =>
      verdictOf('alert/Broken (team=mesh)/fires', run(FIRES, [ASKED, OFF, ...steps]));
    const never = 'fail it was not seen at all';
    expect(await of(silent(5, 3), heard(6)), 'before').to.equal(never);
    expect(await of(silent(26, 25), heard(27)), 'after the limit').to.equal(never);
    expect(await of(silent(34, 33), heard(35)), 'after the undo').to.equal(never);
    const open = /^inconclusive Prometheus did not answer all the time/;
    expect(await of(silent(16, 15), heard(16.5)), 'within').to.match(open);
    expect(await of(silent(26, 14), heard(26.5)), 'noticed when it was over').to.match(open);
    const ends = (...steps: readonly Step[]) =>
      verdictOf(
        'alert/Broken (team=mesh)/resolves',
        run({ resolvesWithinMs: 3_000 }, [ASKED, OFF, state(15, 14, true), ...steps]),
      );
    expect(await ends(silent(40, 31))).to.match(open);
  });

  it('says which labels an alert of that name had, and where to look when none fired', async () => {
    const hint = async (...steps: readonly Step[]) =>
      findingOf(await judged(run(FIRES, [ASKED, ...steps])), 'alert/Broken (team=mesh)/fires').hint;
    expect(await hint(OFF, state(15, 14, false, ['{alertname="Broken", team="x"}']))).to.match(
      /fired with other labels: \{alertname="Broken", team="x"\}; asked for was ALERTS\{alertname="Broken",team="mesh"/,
    );
    expect(await hint(OFF)).to.match(/No alert Broken fired at all: .*\/rules/);
  });

  it('says nothing where Prometheus says nothing', async () => {
    const silent = (at: number): Step => [at, { type: 'alert-telemetry', readable: false, detail: 'no answer' }];
    const of = (...steps: readonly Step[]) => verdictOf('alert/Broken (team=mesh)/fires', run(FIRES, steps));
    expect(await of()).to.match(/^inconclusive nobody could ask: the targets file names no Prometheus/);
    expect(await of(silent(1))).to.match(/^inconclusive Prometheus did not answer from before the fault/);
    expect(await of(ASKED, OFF, silent(12))).to.match(/^inconclusive Prometheus did not answer all the time/);
    expect(await of(ASKED, OFF, state(15, 14, true), silent(20)), 'it had been seen by then').to.equal('pass');
  });

  it('resolves in time, or not', async () => {
    const fired = [ASKED, OFF, state(15, 14, true)];
    const of = (...steps: readonly Step[]) =>
      verdictOf('alert/Broken (team=mesh)/resolves', run({ resolvesWithinMs: 3_000 }, [...fired, ...steps]));
    expect(await of(state(32, 31, false))).to.equal('pass');
    expect(await of()).to.equal('fail it was not seen at all');
    expect(await of(state(40, 39, false))).to.equal('fail it took longer');
    expect(await of(state(32, 31, false), state(33, 32, true)), 'on again at the end').to.equal(
      'fail it was not seen at all',
    );
    expect(await of(state(20, 19, false))).to.equal('inconclusive it was not firing when the undo began');
  });

  it('names other alerts that began to fire, and not those that had fired before', async () => {
    const since = (from: number, at: number, ...names: readonly string[]): Step => [
      at,
      { type: 'alerts-firing', from: from * 1e6, names },
    ];
    const firing = (at: number, ...names: readonly string[]) => since(at - 1, at, ...names);
    const of = async (...steps: readonly Step[]) =>
      findingOf(
        await judged(run({ ...FIRES, onlyThese: true }, [ASKED, OFF, state(15, 14, true), ...steps])),
        'alert/others',
      );
    expect((await of(firing(2, 'Old'), firing(15, 'Broken', 'Old'))).verdict).to.equal('pass');
    const odd = await of(firing(2, 'Old'), firing(15, 'Broken', 'Disk', 'Old'));
    expect([odd.verdict, odd.cause]).to.deep.equal(['fail', 'Disk fired']);
    for (const from of [0, 4]) {
      const unsure = await of(since(from, 15, 'Broken', 'Disk', 'Old'));
      expect([unsure.verdict, unsure.cause]).to.deep.equal([
        'inconclusive',
        'Disk and Old may have begun to fire before the fault took effect, or after',
      ]);
    }
    const strange = await of(state(20, 19, true, ['{alertname="Broken", team="x"}']));
    expect([strange.verdict, strange.cause]).to.deep.equal(['fail', '{alertname="Broken", team="x"} fired']);
    const before = await of(state(2, 1.5, false, ['x']), state(20, 19, true, ['x']));
    expect(before.verdict).to.equal('pass');
    const both = await of(since(4, 15, 'Disk'), firing(20, 'Disk', 'Late'));
    expect([both.verdict, both.cause]).to.deep.equal(['fail', 'Late fired']);
  });
});
