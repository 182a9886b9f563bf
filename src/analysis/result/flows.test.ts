import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import type { Flow, FlowPart } from '../../model/result.ts';
import { judged, recovering } from '../testing/handmade.ts';
import { faultOn, pathOf } from '../testing/world.ts';

/** Calls from one zone, as `to n`. */
const from = (part: FlowPart | undefined, zone: string): string[] =>
  (part?.calls ?? []).filter((call) => call.from === zone).map(({ to }) => to);

describe('analysis: where calls went', () => {
  const failing = { 'north-a': { failures: [[10.2, 11.2]] as [number, number][], away: [11.2, 32] as const } };

  it('tells the zones of callers and of those that served them: before, while the fault was on, at the end', async () => {
    const { flows = [] } = await judged(recovering({ callers: failing }));
    expect(flows.map(({ service }) => service)).to.deep.equal(['mockb']);
    const [before, stage, after] = (flows[0] as Flow).parts;
    expect([before, stage, after].map((part) => part?.part)).to.deep.equal(['before', 'stage', 'after']);
    expect(stage).to.deep.include({ faults: ['mockb-north-a'], hit: ['north-a'] });
    expect([before, after].map((part) => from(part, 'north-a'))).to.deep.equal([['north-a'], ['north-a']]);
    expect(from(stage, 'north-a')).to.deep.equal(['north-b']);
    expect(from(stage, 'south-h')).to.deep.equal(['south-h']);
  });

  it('counts every good call of a part once', async () => {
    const { flows = [], series } = await judged({ callers: failing });
    const [before] = (flows[0] as Flow).parts;
    const columns = [before?.start ?? 0, before?.end ?? 0].map((time) => Math.round(time / series.bucket));
    const path = series.paths.find((one) => one.path === pathOf('north-b'));
    const good = path?.good.slice(...columns).reduce((sum, n) => sum + n, 0);
    expect(before?.calls.find((call) => call.from === 'north-b')?.n)
      .to.equal(good)
      .and.to.be.greaterThan(0);
  });

  it('tells clusters apart that have a zone of one name, by the addresses of the answers', async () => {
    const sameName = <T>(value: T): T =>
      JSON.parse(JSON.stringify(value).replaceAll('south-h', 'north-a').replaceAll('"south"', '"north"')) as T;
    const { flows = [] } = await judged(
      recovering({
        callers: failing,
        records: (records) => records.map(sameName),
        history: (events) => events.map(sameName),
      }),
    );
    const [before, stage, after] = (flows[0] as Flow).parts;
    expect(stage?.hit).to.deep.equal(['north-a (tokyo)']);
    for (const part of [before, after]) {
      expect(from(part, 'north-a (tokyo)')).to.deep.equal(['north-a (tokyo)']);
      expect(from(part, 'north-a (osaka)')).to.deep.equal(['north-a (osaka)']);
      expect(from(part, 'north-a')).to.deep.equal([]);
    }
    expect(from(stage, 'north-a (tokyo)')).to.deep.equal(['north-b']);
    expect(from(stage, 'north-a (osaka)')).to.deep.equal(['north-a (osaka)']);
  });

  it('is empty where no service of the chain was hit', async () => {
    const { flows } = await judged({ fault: { ...faultOn('north-a'), affected: [] } });
    expect(flows).to.deep.equal([]);
  });

  it('tells the way into another network, where networks are named', async () => {
    const named = (event: HistoryEvent): HistoryEvent =>
      event.type === 'endpoints'
        ? { ...event, endpoints: event.endpoints.map((one) => ({ ...one, network: `vpc-${one.region}` })) }
        : event;
    const place = () => 'south-h';
    const { flows = [] } = await judged(recovering({ callers: failing, place, history: (all) => all.map(named) }));
    const [before, stage] = (flows[0] as Flow).parts;
    const across = stage?.calls.find((call) => call.from === 'north-a');
    expect(across).to.include({ to: 'south-h', through: 'gateway into vpc-south' });
    expect(before?.calls.filter(({ through }) => through !== undefined)).to.deep.equal([]);
    const { flows: unnamed = [] } = await judged(recovering({ callers: failing, place }));
    expect((unnamed[0] as Flow).parts[1]?.calls.filter(({ through }) => through !== undefined)).to.deep.equal([]);
  });
});
