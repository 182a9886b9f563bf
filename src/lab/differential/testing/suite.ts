import { messageOf } from '../../../model/errors.ts';
import { KINDS } from '../../../model/kubernetes.ts';
import { disagreements } from './compare.ts';
import { type Facts, factsOf } from './facts.ts';
import { NAMESPACE, namespaceObject } from './objects.ts';
import { type Outage, outageOf, seeded, type Zone } from './outage.ts';
import { type Played, play, type Seen, until } from './play.ts';
import type { Side } from './side.ts';
import { simulate } from './simulate.ts';

/** What one caller of an outage saw, and what the model says that it would. */
export type Compared = {
  readonly outage: Outage;
  readonly caller: Zone;
  readonly seen: Facts;
  readonly model: readonly Facts[];
  readonly disagreements: readonly string[];
};

/** An outage that shows nothing, and why. */
export type Unjudged = { readonly outage: Outage; readonly problem: string };

/** Plays outages by their seeds, several at once, and tells of each as it is done. */
export async function playAll(options: {
  readonly side: Side;
  readonly seeds: Iterable<number>;
  readonly atOnce: number;
  readonly done: (outage: Outage, played: Played | Error) => Promise<void> | void;
}): Promise<void> {
  const { side } = options;
  await makeRoom(side);
  const left = options.seeds[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      const outage = outageOf(next.value);
      await options.done(outage, await play(side, outage).catch((error: unknown) => new Error(messageOf(error))));
    }
  };
  try {
    await Promise.all(Array.from({ length: options.atOnce }, work));
  } finally {
    await leave(side);
  }
}

/** Draws of chance for each caller. */
const DRAWS = 12;

/** Holds an outage against the model. */
export async function compare(outage: Outage, played: Played): Promise<readonly Compared[] | Unjudged> {
  const compared: Compared[] = [];
  for (const caller of outage.callers) {
    const seen = played.callers[caller];
    if (seen === undefined) continue;
    const problem = unsteady(seen);
    if (problem !== undefined) return { outage, problem };
    const happened = { recorded: played.recorded, calls: seen.calls, until: played.endAt };
    const facts = factsOf(played, seen);
    const model: Facts[] = [];
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const random = seeded(outage.seed * 1000 + draw);
      model.push(factsOf(played, await simulate(outage, caller, happened, random)));
    }
    compared.push({ outage, caller, seen: facts, model, disagreements: disagreements(outage, facts, model) });
  }
  return compared;
}

/** A machine that has too much to do for long is no witness. */
const SLOW_MS = 600;
const SILENT_MS = 2500;

/** Why what a caller saw shows the machine and not the mesh. */
function unsteady({ calls, samples }: Seen): string | undefined {
  const good = calls.flatMap(({ zone, tookMs }) => (zone === undefined ? [] : [tookMs])).sort((a, b) => a - b);
  const slow = good[Math.floor(good.length * 0.95)] ?? 0;
  if (slow > SLOW_MS)
    return `one of twenty good answers took more than ${Math.round(slow)} ms: the machine is too busy`;
  const between = samples.slice(1).map(({ at }, index) => at - (samples[index]?.at ?? at));
  const silence = Math.max(0, ...between);
  return silence > SILENT_MS ? `no statistics for ${Math.round(silence)} ms: the machine is too busy` : undefined;
}

async function makeRoom({ clusters }: Side): Promise<void> {
  for (const cluster of clusters) {
    const found = await cluster.get({ ...KINDS.namespace, name: NAMESPACE });
    if (found !== undefined)
      throw new Error(`namespace ${NAMESPACE} is left over in ${cluster.name}: kubectl delete it`);
    await cluster.create(namespaceObject());
  }
}

async function leave(side: Side): Promise<void> {
  for (const cluster of side.clusters) await cluster.delete({ ...KINDS.namespace, name: NAMESPACE });
  await until(side, `namespace ${NAMESPACE} to go`, async () => {
    const found = await Promise.all(side.clusters.map((one) => one.get({ ...KINDS.namespace, name: NAMESPACE })));
    return found.every((one) => one === undefined);
  });
}
