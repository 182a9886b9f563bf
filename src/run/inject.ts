import { watchWrites } from '../faults/lost-writes.ts';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { FaultContext } from '../model/fault.ts';
import { inContext } from '../model/kubectl.ts';
import { journalCluster } from './announcement.ts';
import { endingCluster } from './ending.ts';
import type { PlannedFault, PlannedRun } from './planned-run.ts';
import { servedBy } from './served.ts';
import { RunStopped, type StopReason, throwIfStopped } from './stop.ts';
import type { OpenFault } from './undo-stack.ts';
import type { RunPorts } from './wiring.ts';

type Injected = (open: OpenFault) => void;

/**
 * Injects the faults one after the other, each at its time, and proves each. A fault is on the undo stack and in the
 * journal before its first write, and `ready` has had its say before the first of all; `injected` hears of each that is made.
 * Resolves to false when one could not be proven or kept up: there is no point in holding then.
 */
export async function injectAll(
  run: PlannedRun,
  ports: RunPorts,
  stack: OpenFault[],
  signal: AbortSignal,
  { ready, injected }: { readonly ready: () => Promise<void>; readonly injected: Injected },
): Promise<boolean> {
  const givenUp = new AbortController();
  const proofs: Promise<boolean>[] = [];
  try {
    await waitForFirst(run, ports, signal);
    await ready();
    await injectInOrder(run, ports, stack, { signal: AbortSignal.any([signal, givenUp.signal]), injected }, proofs);
    return (await Promise.all(proofs)).every(Boolean);
  } finally {
    givenUp.abort();
    await Promise.all(proofs);
    throwIfStopped(signal);
  }
}

async function waitForFirst(run: PlannedRun, { clock }: RunPorts, signal: AbortSignal): Promise<void> {
  await clock.sleep(run.faults[0]?.spec.afterMs ?? 0, signal);
  throwIfStopped(signal);
}

async function injectInOrder(
  run: PlannedRun,
  ports: RunPorts,
  stack: OpenFault[],
  { signal, injected }: { readonly signal: AbortSignal; readonly injected: Injected },
  proofs: Promise<boolean>[],
): Promise<void> {
  const start = ports.history.now() - (run.faults[0]?.spec.afterMs ?? 0) * 1000;
  for (const fault of run.faults) {
    const waitMs = fault.spec.afterMs - (ports.history.now() - start) / 1000;
    if (waitMs > 0) await ports.clock.sleep(waitMs, signal);
    throwIfStopped(signal);
    const open = openFault(run, fault, ports, signal);
    ports.journal.append({
      state: 'intent',
      runId: run.runId,
      plan: fault.plan,
      cluster: journalCluster(run, fault.open),
      wall: ports.clock.wall().toISOString(),
    });
    stack.push(open);
    await injectOne(open, ports);
    injected(open);
    proofs.push(proveOne(open, ports));
    if (fault.spec.afterMs > 0 || nextIsStaged(run, fault)) await proofs.at(-1);
  }
}

function nextIsStaged(run: PlannedRun, fault: PlannedFault): boolean {
  const next = run.faults[run.faults.indexOf(fault) + 1];
  return next !== undefined && next.spec.afterMs > fault.spec.afterMs;
}

function openFault(
  run: PlannedRun,
  fault: PlannedFault,
  ports: RunPorts,
  signal: AbortSignal,
): OpenFault & { startSustain: () => void } {
  const ending = new AbortController();
  const { cluster, lost, created } = watchWrites(fault.open.cluster, () => ports.history.now());
  // Nothing keeps the undo waiting but a write that is on its way.
  const { stop } = ports;
  const untilStopped = endingCluster(cluster, stop, () => new RunStopped(stop.reason as StopReason));
  const context: FaultContext = {
    runId: run.runId,
    cluster: untilStopped,
    clock: ports.clock,
    now: () => ports.history.now(),
    signal,
    served: servedBy(cluster, run.clusters),
    created,
    onAffected: (affected) => {
      ports.history.append({
        type: 'fault',
        fault: fault.plan.fault,
        step: 'went-on',
        affected,
      });
    },
  };
  let sustaining: Promise<void> = Promise.resolve();
  let stalled = false;
  return {
    kind: fault.kind,
    plan: fault.plan,
    context,
    lost,
    stalled: () => stalled,
    startSustain: () => {
      sustaining = (
        fault.kind.sustain?.(fault.plan, { ...context, cluster, signal: ending.signal }) ?? sustaining
      ).catch((error) => {
        stalled = true;
        const detail = `it stalled: ${messageOf(error)}`;
        ports.history.append({ type: 'fault', fault: fault.plan.fault, step: 'not-proven', detail });
      });
    },
    endSustain: async () => {
      ending.abort();
      await sustaining;
    },
  };
}

async function injectOne(open: OpenFault & { startSustain?: () => void }, ports: RunPorts): Promise<void> {
  const { fault } = open.plan;
  ports.history.append({ type: 'fault', fault, step: 'requested', detail: open.plan.summary });
  try {
    await open.kind.inject(open.plan, open.context);
  } catch (error) {
    const { code, hint } = error instanceof FaultlineError ? error : { code: 'INTERNAL' as const, hint: undefined };
    const what = `fault ${fault} could not be injected: ${messageOf(error)}`;
    const todo = hint === undefined ? {} : { hint: inContext(hint, open.context.cluster) };
    throw new FaultlineError(code, what, { cause: error, ...todo });
  }
  ports.history.append({ type: 'fault', fault, step: 'acknowledged' });
  const created = [...(open.context.created ?? [])];
  ports.journal.append({ state: 'applied', fault, created, wall: ports.clock.wall().toISOString() });
  open.startSustain?.();
}

async function proveOne(open: OpenFault, ports: RunPorts): Promise<boolean> {
  const { fault } = open.plan;
  const proof = await open.kind.prove(open.plan, open.context).catch((error) => ({
    proven: false,
    observed: false,
    detail: `the proof failed: ${messageOf(error)}`,
  }));
  // It has said so itself; a proof of its beginning must not be the last word.
  if (open.stalled()) return false;
  const { proven, ...rest } = proof;
  ports.history.append({ type: 'fault', fault, step: proven ? 'proven' : 'not-proven', ...rest });
  return proven;
}
