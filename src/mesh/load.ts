/** Hosts of one priority: how many there are and how many of them workers believe to be healthy. */
type PriorityHealth = { readonly total: number; readonly healthy: number };

/** Percent of all picks that go to a priority, and whether health is ignored inside it. */
export type PriorityLoad = { readonly load: number; readonly panic: boolean };

/** Health of a priority in percent, overprovisioned by 1.4 (Envoy: load_balancer_impl.cc recalculatePerPriorityState). */
export function priorityHealth({ total, healthy }: PriorityHealth): number {
  return total === 0 ? 0 : Math.min(100, Math.floor((140 * healthy) / total));
}

/**
 * Loads of all priorities, which add up to 100 (Envoy: distributeLoad, recalculatePerPriorityPanic). With threshold 0
 * and nothing healthy anywhere the first priority keeps all load and has no host to give.
 */
export function priorityLoads(priorities: readonly PriorityHealth[], panicThreshold: number): PriorityLoad[] {
  if (priorities.length === 0) return [];
  const health = priorities.map(priorityHealth);
  const available = Math.min(100, sum(health));
  if (panicThreshold === 0 && available === 0) {
    return priorities.map((_, index) => ({ load: index === 0 ? 100 : 0, panic: false }));
  }
  const panic = priorities.map((priority) => available < 100 && inPanic(priority, panicThreshold));
  const loads = panic.every(Boolean) ? byHostCount(priorities) : greedy(health, available);
  return loads.map((load, index) => ({ load, panic: panic[index] ?? false }));
}

/** The priority that a draw in [0, 1) falls into; -1 when there are no loads (Envoy: choosePriority). */
export function choosePriority(loads: readonly number[], draw: number): number {
  const point = Math.floor(draw * 100) + 1;
  let reached = 0;
  return loads.findIndex((load) => {
    reached += load;
    return point <= reached;
  });
}

function inPanic({ total, healthy }: PriorityHealth, threshold: number): boolean {
  return (total === 0 ? 0 : (100 * healthy) / total) < Math.min(100, threshold);
}

function greedy(health: readonly number[], available: number): number[] {
  let left = 100;
  const loads = health.map((value) => {
    const load = Math.min(left, Math.floor((100 * value) / available));
    left -= load;
    return load;
  });
  return giveRest(loads, left, (index) => (health[index] ?? 0) > 0);
}

/** Every priority is in panic: load follows the number of hosts (Envoy: recalculateLoadInTotalPanic). */
function byHostCount(priorities: readonly PriorityHealth[]): number[] {
  const total = sum(priorities.map((priority) => priority.total));
  if (total === 0) return priorities.map((_, index) => (index === 0 ? 100 : 0));
  const loads = priorities.map((priority) => Math.floor((100 * priority.total) / total));
  return giveRest(loads, 100 - sum(loads), (index) => (priorities[index]?.total ?? 0) > 0);
}

function giveRest(loads: readonly number[], rest: number, takes: (index: number) => boolean): number[] {
  const taker = loads.findIndex((_, index) => takes(index));
  return loads.map((load, index) => (index === taker ? load + rest : load));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
