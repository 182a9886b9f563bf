import { expect } from 'chai';
import { ALL_FIRING, type AlertObjective, firingQuery } from '../model/alert.ts';
import type { Prometheus, Sample, UnstampedEvent } from '../model/ports.ts';
import { ManualClock } from '../sandbox/testing/manual-clock.ts';
import { observeAlerts } from './alerts.ts';

const ALERT = { rule: 'Broken "1"', labels: { team: 'mesh' }, onlyThese: false };
const OWN = firingQuery(ALERT.rule, ALERT.labels);
const ANY = firingQuery(ALERT.rule);

/** What fires, by query; an error is thrown, a text is a warning of the answer. */
type Says = Readonly<Record<string, readonly string[]>> | Error | string;

/** What is written down when Prometheus says one thing after the other, a second apart. */
const written = (...says: readonly Says[]) => writtenOf([ALERT], says);

async function writtenOf(alerts: readonly AlertObjective[], says: readonly Says[]): Promise<UnstampedEvent[]> {
  const clock = new ManualClock();
  const events: UnstampedEvent[] = [];
  const end = new AbortController();
  const history = {
    now: () => clock.now(),
    append: (event: UnstampedEvent) => {
      events.push(event);
      return { seq: events.length, t: clock.now(), wall: '' };
    },
  };
  let round = 0;
  const prometheus: Prometheus = {
    ask: async (query) => {
      const said = says[Math.min(round, says.length - 1)] ?? {};
      if (said instanceof Error) throw said;
      if (typeof said === 'string') return { samples: [], warnings: [said] };
      const sample = (labels: string): Sample => ({ labels, value: 1 });
      return { samples: (said[query] ?? []).map(sample), warnings: [] };
    },
  };
  const watching = observeAlerts(alerts, prometheus, { clock, history }, end.signal);
  for (; round < says.length; round++) await clock.advance(round === 0 ? 0 : 1000);
  end.abort();
  await clock.advance(1000);
  await watching;
  return events;
}

describe('observing alerts', () => {
  const NAMED = '{alertname="Broken \\"1\\"", team="mesh"}';
  const fires: Says = { [OWN]: [NAMED], [ANY]: [NAMED], [ALL_FIRING]: ['{alertname="Broken \\"1\\""}'] };

  it('asks for the alert by name and labels, as PromQL quotes them', () => {
    expect(OWN).to.equal('ALERTS{alertname="Broken \\"1\\"",team="mesh",alertstate="firing"}');
  });

  it('writes which alerts fire once, be they one or several', async () => {
    const both = { [ALL_FIRING]: ['{alertname="A"}', '{alertname="B"}'] };
    const events = await written(both, both, both);
    const names = events.flatMap((event) => (event.type === 'alerts-firing' ? [event.names] : []));
    expect(names).to.deep.equal([['A', 'B']]);
  });

  it('writes what changes, with the moment of the last question that was answered otherwise', async () => {
    const events = await written({}, {}, fires, fires, {});
    expect(events.map(({ type }) => type)).to.deep.equal([
      'alert-telemetry',
      'alert',
      'alert',
      'alerts-firing',
      'alert',
      'alerts-firing',
    ]);
    const alerts = events.filter((event) => event.type === 'alert');
    expect(alerts.map(({ firing }) => firing)).to.deep.equal([false, true, false]);
    const [first = 0, second = 0, third = 0] = alerts.map(({ from }) => from);
    expect([second - first, third - second]).to.deep.equal([1e6, 2e6]);
    expect(alerts[1]).to.deep.include({ index: 0, rule: ALERT.rule, labels: [NAMED], strange: [] });
  });

  it('tells alerts of the same name with other labels apart', async () => {
    const events = await written({ [ANY]: ['{alertname="Broken", team="x"}'] });
    const alerts = events.filter((event) => event.type === 'alert');
    expect(alerts).to.have.length(1);
    expect(alerts[0]).to.deep.include({ firing: false, labels: [], strange: ['{alertname="Broken", team="x"}'] });
  });

  it('tells of each alert what it does itself', async () => {
    const rules = ['first', 'second', 'third'];
    const alerts = rules.map((rule) => ({ rule, labels: { team: 'mesh' }, onlyThese: false }));
    const ofSecond = { [firingQuery('second', { team: 'mesh' })]: ['own'], [firingQuery('second')]: ['own'] };
    const events = await writtenOf(alerts, [{ ...ofSecond, [firingQuery('third')]: ['strange'] }]);
    const told = events.flatMap((one) =>
      one.type === 'alert' ? [[one.rule, one.index, one.labels, one.strange]] : [],
    );
    expect(told).to.deep.equal([
      ['first', 0, [], []],
      ['second', 1, ['own'], []],
      ['third', 2, [], ['strange']],
    ]);
  });

  for (const [tookMs, wanted] of [
    [0, [0, 1000, 2000, 3000]],
    [400, [0, 1000, 2000, 3000]],
    [1500, [0, 1500, 3000]],
  ] as const) {
    it(`asks a second after the last question, or at once when the answer took longer: ${tookMs} ms`, async () => {
      const clock = new ManualClock();
      const asked = new Set<number>();
      const end = new AbortController();
      const prometheus: Prometheus = {
        ask: async () => {
          asked.add(clock.now() / 1000);
          await clock.sleep(tookMs);
          return { samples: [], warnings: [] };
        },
      };
      const history = { now: () => clock.now(), append: () => ({ seq: 0, t: 0, wall: '' }) };
      const watching = observeAlerts([ALERT], prometheus, { clock, history }, end.signal);
      await clock.advance(3400);
      end.abort();
      await clock.advance(2000);
      await watching;
      expect([...asked]).to.deep.equal(wanted);
    });
  }

  it('says when nobody answers or only in part, once, and goes on asking', async () => {
    const events = await written(new Error('no answer'), new Error('no answer'), {}, 'a shard is missing', {});
    const told = events.filter((event) => event.type === 'alert-telemetry');
    expect(told.map(({ readable }) => readable)).to.deep.equal([false, true, false, true]);
    expect(told[0]?.detail).to.contain('no answer');
    expect(told[2]?.detail).to.contain('a shard is missing');
  });
});
