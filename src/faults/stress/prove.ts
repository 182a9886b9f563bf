import type { EffectProof, FaultContext } from '../../model/fault.ts';
import { limitOf } from '../../model/pod-limits.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { containerName, placeOf } from '../in-pod/container.ts';
import type { Task } from '../in-pod/kind.ts';
import { startedInPods } from '../in-pod/started.ts';
import { unproven } from '../poll.ts';
import type { StressData } from './data.ts';
import type { Stress } from './kind.ts';

/** How long the use is measured each time, and how often at the most until it is what was asked for. */
const MEASURE_MS = 1_000;
const LOOKS = 10;
/** Less of what was asked for is another fault than the one of the plan. */
const ENOUGH = 0.5;

/** Every container runs, and the kernel counts for each at least half of what it was to use, as far as its pod may. */
export async function proveStress(it: Stress, plan: PlanOf<StressData>, context: FaultContext): Promise<EffectProof> {
  const name = containerName(plan);
  const { tasks, missing } = await startedInPods(it, plan, context, wordsFor);
  if (missing !== undefined) return unproven(`not stressed: ${missing}`);
  for (let look = 1; ; look++) {
    const used = await measured(it, tasks, name, context);
    const short = tasks.flatMap((task, index) => shortText(it, task, used[index], plan.data.amount));
    if (short.length > 0 && look < LOOKS && !context.signal.aborted) continue;
    if (short.length > 0) return unproven(short.join('; '));
    const least = Math.min(...used.map((value) => value ?? 0));
    const detail = `the kernel counts at least ${it.text(least)} for the container in each of ${tasks.length} pods`;
    return { proven: true, observed: true, detail };
  }
}

/** 128 and the number of SIGKILL. */
const KILLED = 137;

function wordsFor(code: number): string {
  return code === KILLED ? ': it was killed, as by the kernel when the pod is out of memory' : '';
}

/** What each container uses now; undefined where it does not tell. */
async function measured(
  it: Stress,
  tasks: readonly Task[],
  name: string,
  { cluster, clock, now, signal }: FaultContext,
): Promise<(number | undefined)[]> {
  const read = () =>
    endAll(
      tasks.map(async ({ object, show }) => {
        const { code, stdout } = await cluster.exec(placeOf(object, name), show);
        return { at: now(), value: code === 0 ? it.read(stdout) : undefined };
      }),
    );
  const before = await read();
  await clock.sleep(MEASURE_MS, signal);
  const after = await read();
  return after.map(({ at, value }, index) => {
    const first = before[index];
    if (value === undefined || first?.value === undefined) return undefined;
    return it.used(first.value, value, at - first.at);
  });
}

function shortText(it: Stress, { pod, object }: Task, used: number | undefined, amount: number): string[] {
  if (used === undefined) return [`${pod.name}: the container does not tell what it uses (/sys/fs/cgroup)`];
  const wanted = Math.min(amount, limitOf(object, it.resource) ?? amount);
  return used >= wanted * ENOUGH ? [] : [`${pod.name}: only ${it.text(used)}, of ${it.text(wanted)}`];
}
