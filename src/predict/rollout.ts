import type { Millis } from '../model/units.ts';
import type { SimPod, World } from './world.ts';

/** What becomes of the pods that a rollout makes. */
export type NewPods = {
  readonly dead: boolean;
  readonly becomesReady: boolean;
  /** Ready for so long they count (`minReadySeconds`). */
  readonly minReadyMs: Millis;
};

/** New pods beside old ones, as a Deployment makes them, and an Argo Rollout whose canary has no steps. */
type Surging = {
  readonly kind: 'surging';
  readonly replicas: number;
  /** Pods above `replicas`, and pods below it, while it goes on; all of them at once with `Recreate`. */
  readonly surge: number;
  readonly unavailable: number;
};

/** A new pod in the place of an old one when that is gone, so many at once, as StatefulSets and DaemonSets make them. */
type InPlace = {
  readonly kind: 'in-place';
  readonly atOnce: number;
  /** The lowest ordinal of a StatefulSet that is replaced, the highest first; of a DaemonSet there is no order. */
  readonly from?: number;
};

/** How a workload replaces its pods. */
export type RolloutPlan = NewPods & (Surging | InPlace);

/** Replaces pods by new ones as their controller does. Resolves when no old one serves any more and a new one is there. */
export function rollOut(world: World, pods: readonly SimPod[], plan: RolloutPlan): Promise<void> {
  const old = pods.filter(({ listed }) => listed);
  if (old.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    void (plan.kind === 'surging' ? surge(world, old, plan, resolve) : replaceInPlace(world, old, plan, resolve));
  });
}

async function surge(
  world: World,
  places: readonly SimPod[],
  plan: NewPods & Surging,
  effect: () => void,
): Promise<void> {
  const { replicas, unavailable } = plan;
  const old = [...places];
  /** New pods, and whether they count as available. */
  const fresh = new Map<SimPod, boolean>();
  let wake: () => void = () => {};
  const mayStart = () => fresh.size < replicas && old.length + fresh.size < replicas + plan.surge;
  const start = (): void => {
    const { pod, counts } = create(world, places[fresh.size % places.length] as SimPod, plan);
    fresh.set(pod, false);
    void counts.then(() => {
      fresh.set(pod, true);
      wake();
    });
  };
  await world.react();
  for (;;) {
    while (mayStart()) start();
    while (old.length > 0 && serving(old, fresh) > replicas - unavailable) void world.remove(old.shift() as SimPod);
    if (old.length === 0 && fresh.size > 0) effect();
    if (old.length === 0 && fresh.size >= replicas) return;
    if (mayStart()) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    await world.react();
  }
}

function serving(old: readonly SimPod[], fresh: ReadonlyMap<SimPod, boolean>): number {
  const available = [...fresh.values()].filter((counts) => counts);
  return old.filter(({ ready }) => ready).length + available.length;
}

/** A new pod in the place of an old one. `counts`: it has been ready for long enough. */
function create(world: World, like: SimPod, plan: NewPods): { pod: SimPod; counts: Promise<void> } {
  const { pod, ready } = world.create(like, plan);
  const { minReadyMs } = plan;
  return { pod, counts: minReadyMs > 0 ? ready.then(() => world.wait(minReadyMs)) : ready };
}

async function replaceInPlace(
  world: World,
  places: readonly SimPod[],
  plan: NewPods & InPlace,
  effect: () => void,
): Promise<void> {
  const { atOnce, from } = plan;
  const old = from === undefined ? [...places] : byOrdinal(places).filter((pod) => ordinalOf(pod) >= from);
  const replaceNext = async (): Promise<void> => {
    for (let pod = old.shift(); pod !== undefined; pod = old.shift()) {
      await world.react();
      await world.remove(pod);
      await world.react();
      const { counts } = create(world, pod, plan);
      if (old.length === 0) effect();
      await counts;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, old.length) }, replaceNext));
}

const ordinalOf = ({ name }: SimPod): number => Number(name.slice(name.lastIndexOf('-') + 1));

/** The highest ordinal first. */
function byOrdinal(pods: readonly SimPod[]): SimPod[] {
  return [...pods].sort((a, b) => ordinalOf(b) - ordinalOf(a));
}

/** How a workload comes down to fewer pods: a StatefulSet to its lowest ordinals, any other to none. */
export type ScalePlan = {
  readonly left: number;
  /** One after the other, each when the one before is gone (a StatefulSet, OrderedReady). */
  readonly ordered: boolean;
};

/** Takes pods away for good. Resolves when they are gone. */
export async function scaleDown(world: World, pods: readonly SimPod[], { left, ordered }: ScalePlan): Promise<void> {
  const own = pods.filter(({ listed }) => listed);
  const goers = byOrdinal(own).slice(0, Math.max(0, own.length - left));
  await world.react();
  if (!ordered) await Promise.all(goers.map((pod) => world.remove(pod)));
  else for (const pod of goers) await world.remove(pod);
}

/** Controllers that make a pod of the same place only when the one before it is gone. */
const IN_PLACE = ['StatefulSet', 'DaemonSet'];

/** Deletes pods, which their controller replaces. */
export function killPods(world: World, pods: readonly SimPod[], forced: boolean): void {
  for (const pod of pods) {
    const gone = world.remove(pod, forced);
    // A pod without a grace period is gone from the API at once.
    const waits = !forced && IN_PLACE.includes(pod.madeBy);
    void (waits ? gone : Promise.resolve())
      .then(() => world.react())
      .then(() => world.create(pod, { dead: false, becomesReady: true }));
  }
}
