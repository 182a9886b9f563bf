import type { SimPod, World } from './world.ts';

/** How a Deployment replaces its pods. */
export type RolloutPlan = {
  readonly replicas: number;
  /** Pods above `replicas`, and pods below it, while it goes on; all of them at once with `Recreate`. */
  readonly surge: number;
  readonly unavailable: number;
  /** Of the new pods. */
  readonly dead: boolean;
  readonly becomesReady: boolean;
};

/** Replaces pods by new ones as the Deployment controller does. Resolves when the old ones have been told to go. */
export async function rollOut(world: World, pods: readonly SimPod[], plan: RolloutPlan): Promise<void> {
  const old = pods.filter(({ listed }) => listed);
  const [like] = old;
  if (like === undefined) return;
  const places = [...old];
  const fresh: SimPod[] = [];
  let wake: () => void = () => {};
  await world.react();
  for (;;) {
    while (fresh.length < plan.replicas && old.length + fresh.length < plan.replicas + plan.surge) {
      const { pod, ready } = world.create(places[fresh.length % places.length] ?? like, plan);
      fresh.push(pod);
      void ready.then(() => wake());
    }
    const isServing = ({ ready }: SimPod): boolean => ready;
    const available = (): number => old.filter(isServing).length + fresh.filter(isServing).length;
    while (old.length > 0 && available() > plan.replicas - plan.unavailable) world.remove(old.shift() as SimPod);
    if (old.length === 0 && fresh.length >= plan.replicas && fresh.every(isServing)) return;
    if (old.length + fresh.length < plan.replicas + plan.surge && fresh.length < plan.replicas) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    await world.react();
  }
}

/** Deletes pods, which their controller replaces. */
export function killPods(world: World, pods: readonly SimPod[], forced: boolean): void {
  for (const pod of pods) {
    world.remove(pod, forced);
    void world.react().then(() => world.create(pod, { dead: false, becomesReady: true }));
  }
}
