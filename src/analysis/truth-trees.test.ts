import { expect } from 'chai';
import type { Callees } from '../model/callees.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { Hop } from '../model/record.ts';
import type { RunResult } from '../model/result.ts';
import type { FailoverOrder } from '../model/scenario.ts';
import { findingOf, judged } from './testing/handmade.ts';
import { type Raw, seeded } from './testing/record-file.ts';
import { ZONES } from './testing/world.ts';

const SEEDS = 4 * Number(process.env.FAULTLINE_SEEDS ?? 1);

/** Which zone serves a service to callers of a zone: always the same one. */
type Mesh = (service: string, fromZone: string) => string;

type World = { readonly callees: Callees; readonly serves: Mesh };

function worldOf(seed: number): World {
  const random = seeded(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const callees: Record<string, string[]> = { mocka: ['mockb', 'mockc'], mockb: [], mockc: [], mockd: [], mocke: [] };
  callees[pick(['mocka', 'mockb', 'mockc'])]?.push('mockd');
  callees[pick(['mocka', 'mockb', 'mockc', 'mockd'])]?.push('mocke');
  const routes = new Map<string, string>();
  const serves: Mesh = (service, fromZone) => {
    const key = `${service} ${fromZone}`;
    const zone = routes.get(key) ?? (random() < 0.5 ? fromZone : pick(ZONES));
    routes.set(key, zone);
    return zone;
  };
  return { callees, serves };
}

/** What a service prints: itself, and then what each of its calls has printed. */
function printed({ callees, serves }: World, service: string, fromZone: string): Hop[] {
  const zone = serves(service, fromZone);
  const own = { service, zone, ip: '' };
  return [own, ...(callees[service] ?? []).flatMap((called) => printed({ callees, serves }, called, zone))];
}

/** The share of calls that are served in the caller's zone, over paths that are asked equally often. */
function homeShare({ callees, serves }: World): number {
  const calls = (service: string, from: string): number[] => {
    const zone = serves(service, from);
    return [zone === from ? 1 : 0, ...(callees[service] ?? []).flatMap((called) => calls(called, zone))];
  };
  const all = ZONES.flatMap((zone) => calls('mocka', zone));
  return all.filter((home) => home === 1).length / all.length;
}

function judge(world: World, calls: Callees): Promise<RunResult> {
  const answer = (record: Raw): Raw => {
    const hops = printed(world, 'mocka', ZONES[record.path] as string);
    return { ...record, ended: 'response', status: 200, error: undefined, chain: { hops, rest: '' } };
  };
  const chain = printed(world, 'mocka', 'north-a').map(({ service }) => service);
  const orders = ZONES.map(
    (zone): FailoverOrder => ({
      service: 'mockb',
      from: { zone },
      order: ZONES.filter((other) => other !== zone).map((other) => ({ place: { zone: other }, shareAtLeast: 0.9 })),
    }),
  );
  const history = (events: HistoryEvent[]): HistoryEvent[] =>
    events.map((event) => {
      if (event.type !== 'run-start') return event;
      const { load } = event.run.scenario;
      const told = { ...load, chain: { ...load.chain, calls }, good: { ...load.good, chain } };
      return { ...event, run: { ...event.run, scenario: { ...event.run.scenario, load: told } } };
    });
  return judged({
    callers: {},
    history,
    records: (all) => all.map(answer),
    expect: { steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.5 }, failoverOrder: orders },
  });
}

/** The share that the finding tells, of 1. */
function toldShare(result: RunResult): number {
  const [, percent] = /, ([\d.]+)% were served/.exec(findingOf(result, 'steadyState/sameZone').story) ?? [];
  return Number(percent) / 100;
}

describe('docs/verdict.md R9: trees of calls with known truth', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    it(`counts each call for the one who made it, tree ${seed}`, async () => {
      const world = worldOf(seed);
      const result = await judge(world, world.callees);
      expect(findingOf(result, 'steadyState/good').verdict).to.equal('pass');
      expect(toldShare(result)).to.be.closeTo(homeShare(world), 0.006);
      const callers = new Set(ZONES.map((zone) => world.serves('mocka', zone)));
      const ladders = result.ladders.filter(({ service }) => service === 'mockb');
      for (const { fromZone, rungs } of ladders) {
        const served = rungs.filter(({ hits }) => hits > 0).map(({ place }) => place);
        const expected = callers.has(fromZone) ? [{ zone: world.serves('mockb', fromZone) }] : [];
        expect(served, `calls of mockb from ${fromZone}`).to.deep.equal(expected);
      }
      expect(ladders.map(({ fromZone }) => fromZone)).to.include('north-a');
    });
  }

  it('says that it does not know the caller where the answers are no tree that was told', async () => {
    const world = worldOf(1);
    const result = await judge(world, { mocka: ['mockb'], mockb: ['mocka'] });
    const finding = findingOf(result, 'steadyState/sameZone');
    expect(finding.verdict).to.equal('inconclusive');
    expect(finding.cause).to.contain('nothing before');
  });
});
