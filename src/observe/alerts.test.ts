import { expect } from 'chai';
import { ALL_FIRING, type AlertObjective, firingQuery } from '../model/alert.ts';
import type { Prometheus, Sample, UnstampedEvent } from '../model/ports.ts';
import { ManualClock } from '../sandbox/testing/manual-clock.ts';
import { observeAlerts } from './alerts.ts';

const ALERT = { rule: 'Broken "1"', labels: { team: 'mesh' }, onlyThese: false };

/** The labels of what fires; an error is thrown, a text is a warning of the answer. */
type Says = readonly Readonly<Record<string, string>>[] | Error | string;

/** What is written down when Prometheus says one thing after the other, a second apart. */
const written = (...says: readonly Says[]) => writtenOf([ALERT], says);

const sampleOf = (metric: Readonly<Record<string, string>>): Sample => ({
  metric,
  labels: JSON.stringify(metric),
  value: 1,
});
const isAsked =
  (query: string) =>
  ({ alertname = '' }: Readonly<Record<string, string>>) =>
    query === firingQuery(alertname);

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
      const said = says[Math.min(round, says.length - 1)] ?? [];
      if (said instanceof Error) throw said;
      if (typeof said === 'string') return { samples: [], warnings: [said] };
      const asked =
        query === ALL_FIRING ? said.map(({ alertname = '' }) => ({ alertname })) : said.filter(isAsked(query));
      return { samples: asked.map(sampleOf), warnings: [] };
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
  const OWN = { alertname: ALERT.rule, team: 'mesh', zone: 'a' };
  const fires: Says = [OWN];

  it('asks for the alert by its name, as PromQL quotes it', () => {
    expect(firingQuery(ALERT.rule, ALERT.labels)).to.equal(
      'ALERTS{alertname="Broken \\"1\\"",team="mesh",alertstate="firing"}',
    );
  });

  it('writes which alerts fire once, be they one or several', async () => {
    const both = [{ alertname: 'A' }, { alertname: 'B "of  two"' }];
    const events = await written(both, both, both);
    const names = events.flatMap((event) => (event.type === 'alerts-firing' ? [event.names] : []));
    expect(names).to.deep.equal([['A', 'B "of  two"']]);
  });

  it('writes what changes, with the moment of the last question that was answered otherwise', async () => {
    const events = await written([], [], fires, fires, []);
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
    // Nobody knows how long what is so at first has been so.
    expect(alerts.map(({ from }) => from)).to.deep.equal([0, 1e6, 3e6]);
    expect(alerts[1]).to.deep.include({ index: 0, rule: ALERT.rule, labels: [JSON.stringify(OWN)], strange: [] });
  });

  it('tells alerts of the same name with other labels apart', async () => {
    const others = [{ ...OWN, team: 'x' }, { alertname: ALERT.rule }, { ...OWN, team: 'mesh ' }];
    const alerts = (await written(others)).filter((event) => event.type === 'alert');
    expect(alerts).to.have.length(1);
    expect(alerts[0]).to.deep.include({ firing: false, labels: [], strange: others.map((one) => JSON.stringify(one)) });
  });

  it('tells of each alert what it does itself', async () => {
    const rules = ['first', 'second', 'third'];
    const alerts = rules.map((rule) => ({ rule, labels: { team: 'mesh' }, onlyThese: false }));
    const own = { alertname: 'second', team: 'mesh' };
    const strange = { alertname: 'third', team: 'other' };
    const events = await writtenOf(alerts, [[own, strange]]);
    const told = events.flatMap((one) =>
      one.type === 'alert' ? [[one.rule, one.index, one.labels, one.strange]] : [],
    );
    expect(told).to.deep.equal([
      ['first', 0, [], []],
      ['second', 1, [JSON.stringify(own)], []],
      ['third', 2, [], [JSON.stringify(strange)]],
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
    const events = await written([], new Error('no answer'), new Error('no answer'), [], 'a shard is missing', []);
    const told = events.filter((event) => event.type === 'alert-telemetry');
    expect(told.map(({ readable }) => readable)).to.deep.equal([true, false, true, false, true]);
    expect(told[1]).to.deep.include({ from: 0, detail: 'no answer' });
    expect(told[3]).to.deep.include({ from: 3e6, detail: 'the answer has a warning: a shard is missing' });
  });

  it('says that it has not heard the end of a run, where a question was not answered by then', async () => {
    const clock = new ManualClock();
    const events: UnstampedEvent[] = [];
    const append = (event: UnstampedEvent) => {
      events.push(event);
      return { seq: 0, t: clock.now(), wall: '' };
    };
    for (const [hangsMs, told] of [
      [1_500, []],
      [4_500, [{ type: 'alert-telemetry', readable: false, from: 0, detail: 'no answer in the last 5 s' }]],
    ] as const) {
      events.length = 0;
      const end = new AbortController();
      let rounds = 0;
      const prometheus: Prometheus = {
        ask: async () => {
          if (rounds++ > 2) await clock.sleep(60_000);
          return { samples: [], warnings: [] };
        },
      };
      const begun = clock.now();
      const history = { now: () => clock.now() - begun, append };
      const watching = observeAlerts([ALERT], prometheus, { clock, history }, end.signal);
      await clock.advance(hangsMs);
      end.abort();
      await clock.advance(60_000);
      await watching;
      expect(events.filter((event) => event.type === 'alert-telemetry' && !event.readable)).to.deep.equal(told);
    }
  });
});
