import { messageOf } from '../../../model/errors.ts';
import { KINDS } from '../../../model/kubernetes.ts';
import { disagreements } from './compare.ts';
import { type Facts, factsOf } from './facts.ts';
import { NAMESPACE, namespaceObject } from './objects.ts';
import { type Outage, outageOf, type Zone } from './outage.ts';
import { play, until } from './play.ts';
import type { Side } from './side.ts';

/** What one caller of an outage saw on both sides. */
export type Compared = {
  readonly outage: Outage;
  readonly caller: Zone;
  readonly lab: Facts;
  readonly model: Facts;
  readonly disagreements: readonly string[];
};

/** An outage that could not be played. */
export type Broken = { readonly outage: Outage; readonly problem: string };

/** Plays outages by their seeds on both sides at the same time, several at once, and tells of each as it is done. */
export async function differential(options: {
  readonly lab: Side;
  readonly model: Side;
  readonly seeds: readonly number[];
  readonly atOnce: number;
  /** Asked before each outage: true begins none any more. */
  readonly stop?: () => boolean;
  readonly done: (result: readonly Compared[] | Broken) => void;
}): Promise<void> {
  const sides = [options.lab, options.model];
  await Promise.all(sides.map(makeRoom));
  const left = [...options.seeds];
  const work = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined && !options.stop?.(); seed = left.shift()) {
      options.done(await compared(options.lab, options.model, outageOf(seed)));
    }
  };
  try {
    await Promise.all(Array.from({ length: options.atOnce }, work));
  } finally {
    await Promise.all(sides.map(leave));
  }
}

async function compared(lab: Side, model: Side, outage: Outage): Promise<readonly Compared[] | Broken> {
  try {
    const [real, modelled] = await Promise.all([play(lab, outage), play(model, outage)]);
    return outage.callers.flatMap((caller) => {
      const [a, b] = [real.callers.get(caller), modelled.callers.get(caller)];
      if (a === undefined || b === undefined) return [];
      const [seenInLab, seenInModel] = [factsOf(real, a), factsOf(modelled, b)];
      const differences = disagreements(outage, seenInLab, seenInModel);
      return [{ outage, caller, lab: seenInLab, model: seenInModel, disagreements: differences }];
    });
  } catch (error) {
    return { outage, problem: messageOf(error) };
  }
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
