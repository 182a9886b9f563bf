import { expect } from 'chai';
import type { RunHeader } from '../model/history.ts';
import type { Random } from '../model/ports.ts';
import { executeRun } from './machine.ts';
import type { PlannedFault, PlannedRun } from './planned-run.ts';
import { recoverCluster } from './recover.ts';
import { BenchRun, HERE, SWAP } from './testing/bench-run.ts';
import { Actor, Arena, RACE_FAULT, racePlan } from './testing/race.ts';
import { randomOf } from './testing/random.ts';

/** Races; `FAULTLINE_SEEDS=67` takes a thousand. */
const SEEDS = 15 * Number(process.env.FAULTLINE_SEEDS ?? 1);
const NAMES = ['hangzhou', 'tokyo', 'osaka'];
/** They come in waves: runs meet each other, and recoveries come while runs may be stopped or dead. */
const WAVES_MS = { run: [0, 0, 100_000], recover: [10_000, 20_000, 30_000, 100_000] };

const pick = <T>(random: Random, list: readonly T[], count: number): T[] =>
  [...list].sort(() => random() - 0.5).slice(0, count);

/** A run of these clusters, in any order, as this process makes it. */
function runOf(template: PlannedRun, arena: Arena, actor: Actor, runId: string, random: Random): PlannedRun {
  const names = pick(random, NAMES, 1 + Math.floor(random() * NAMES.length));
  const [open] = template.clusters.values();
  const [cluster] = template.topology.clusters;
  if (open === undefined || cluster === undefined) throw new Error('the bench has a cluster');
  const opened = names.map((name) => {
    const real = arena.clusters.get(name);
    if (real === undefined) throw new Error(`no cluster ${name}`);
    return [name, { ...open, cluster: actor.reach(real) }] as const;
  });
  const clusters = new Map(opened);
  const faults = pick(random, opened, 1 + Math.floor(random() * names.length)).map(
    ([name, there], at): PlannedFault => ({
      spec: { ...SWAP, name: `f${at}`, afterMs: at * 3_000 },
      kind: RACE_FAULT,
      plan: racePlan(runId, `f${at}`, name),
      open: there,
    }),
  );
  const phases = { baselineMs: 2_000, holdMs: 1_000 + random() * 60_000, recoverMs: 1_000 };
  return {
    ...template,
    runId,
    clusters,
    faults,
    scenario: { ...template.scenario, phases },
    topology: { ...template.topology, clusters: names.map((name) => ({ ...cluster, name, uid: `uid-${name}` })) },
  };
}

/** Stops or kills a process at some moment of its life, or leaves it alone. */
function disturb(actor: Actor, random: Random): void {
  const fate = random();
  const answers = 3 + Math.floor(random() * 30);
  if (fate < 0.2) actor.killAfter(answers);
  else if (fate < 0.75) actor.stopAfter(answers, 30_000 + random() * 100_000);
}

async function recoverAll(arena: Arena, actor: Actor, names: readonly string[]): Promise<unknown[]> {
  const { clock, holder } = actor;
  const signal = new AbortController().signal;
  const common = { clock, holder, signal, over: new AbortController().signal, recoverFrom: HERE };
  const ports = { ...common, faultKind: () => RACE_FAULT, runId: undefined, say: () => {} };
  const scope = { namespaces: ['default'], lockNamespace: 'default', kinds: [RACE_FAULT] };
  return Promise.allSettled(
    names
      .flatMap((name) => arena.clusters.get(name) ?? [])
      .map((one) => recoverCluster(actor.reach(one), scope, [], ports)),
  );
}

/** Two to eight runners and recoverers at once; resolves when the last one has ended, or was killed. */
async function race(seed: number, template: PlannedRun): Promise<Arena> {
  const random = randomOf(seed);
  const arena = new Arena(NAMES);
  const bench = new BenchRun();
  const actors = 2 + Math.floor(random() ** 2 * 7);
  for (let at = 0; at < actors; at++) {
    const isRunner = at === 0 || random() < 0.5;
    const actor = new Actor(arena, isRunner ? `run-${at}` : `recover-${at}`, random);
    disturb(actor, random);
    const [wave = 0] = pick(random, isRunner ? WAVES_MS.run : WAVES_MS.recover, 1);
    void actor.clock.sleep(wave + random() * 1_500).then((): Promise<unknown> => {
      if (!isRunner) return recoverAll(arena, actor, pick(random, NAMES, 2));
      const run = runOf(template, arena, actor, `run-${at}`, random);
      const history = { ...bench.ports().history, now: () => actor.clock.now() };
      const ports = { ...bench.ports(), clock: actor.clock, history, holder: actor.holder };
      return executeRun(run, {} as RunHeader, ports);
    });
  }
  await arena.clock.sleep(1_200_000);
  return arena;
}

describe('races of runs and recoveries', function () {
  this.timeout(60_000);
  let template: PlannedRun;
  before(async () => {
    template = await new BenchRun().plan([SWAP]);
  });

  it(`never have two injectors in a cluster, nor a write without its lease, and leave nothing: ${SEEDS} seeds`, async () => {
    let injections = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const arena = await race(seed, template);
      expect(arena.wrongs, `seed ${seed}`).to.deep.equal([]);
      injections += arena.injections;
      const last = new Actor(arena, 'recover-last', () => 0.5);
      await recoverAll(arena, last, NAMES);
      expect(arena.left(), `seed ${seed}`).to.deep.equal([]);
    }
    expect(injections, 'or nothing was raced for').to.be.above(SEEDS);
  });
});
