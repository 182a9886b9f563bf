import type { Check } from '../../model/engine.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { GRANT } from '../../model/grant-words.ts';
import type { GuardCheck } from '../../run/guards/guard-check.ts';
import { checkTargetGuards } from '../../run/guards/index.ts';
import { leaseStates } from '../../run/lease-state.ts';
import { thawCommand } from '../../run/lock-objects.ts';
import { checkPermissions, missingPermissions, permissionText } from '../../run/permissions.ts';
import { planGuarded } from '../../run/plan.ts';
import { systemClock } from '../../run/system-clock.ts';
import { resolveTopology } from '../../run/topology.ts';
import { planInputs } from '../drill/plan-inputs.ts';
import { InvalidFile, loadScenario } from '../files/load-files.ts';
import type { OpenTarget } from '../targets/index.ts';

/**
 * What the guards of `plan` would refuse, and whether each cluster is free: with a scenario what they say of its faults, and
 * without one what they say of a fault anywhere in the target. A file that cannot be read says nothing here.
 */
export async function checkGuarded(open: OpenTarget, file: string | undefined): Promise<Check[]> {
  const what = file === undefined ? 'guards' : `plan of ${file}`;
  try {
    const guards = file === undefined ? await ofTarget(open) : await ofScenario(open, file);
    return [...guards, ...(await ofLocks(open))];
  } catch (error) {
    if (error instanceof InvalidFile) return [];
    const hint = error instanceof FaultlineError ? error.hint : undefined;
    return [{ what, ok: false, detail: messageOf(error), ...(hint === undefined ? {} : { fix: hint }) }];
  }
}

const clustersOf = async ({ target, clusters }: OpenTarget) =>
  resolveTopology({ load: { paths: [] } }, target, clusters);

async function ofTarget(open: OpenTarget): Promise<Check[]> {
  const topology = await clustersOf(open);
  const { target, clusters } = open;
  const checks = await checkTargetGuards({ target, clusters, topology, clock: systemClock, allowProtected: [] });
  return checks.map(({ isForSome, ...check }) => checkOf(check, isForSome));
}

async function ofScenario(open: OpenTarget, file: string): Promise<Check[]> {
  const inputs = planInputs(open, {
    scenario: loadScenario(file, []).value,
    prometheus: open.prometheus(process.env)?.prometheus,
    allowProtected: [],
    noDeadMan: false,
  });
  const guarded = await planGuarded(inputs);
  const missing = missingPermissions(await checkPermissions({ inputs, ...guarded }));
  const what = `permissions of ${file}`;
  const permissions: Check =
    missing.length === 0
      ? { what, ok: true, detail: 'all that its faults and their undo need' }
      : { what, ok: false, detail: `not allowed: ${missing.map(permissionText).join('; ')}`, fix: GRANT };
  return [permissions, ...guarded.guards.map((check) => checkOf(check, false))];
}

function checkOf({ guard, holds, detail, hint }: GuardCheck, isForSome: boolean): Check {
  const fix = holds || hint === undefined ? {} : { fix: hint };
  const optional = holds || !isForSome ? {} : { optional: true as const };
  return { what: `guard ${guard}`, ok: holds, detail, ...optional, ...fix };
}

/** Whether somebody has frozen a cluster, or holds it. */
async function ofLocks(open: OpenTarget): Promise<Check[]> {
  const { lockNamespace } = open.target;
  const states = await leaseStates(open, await clustersOf(open));
  return states.map(({ cluster, held, frozen }): Check => {
    const what = `cluster ${cluster} lock`;
    if (frozen !== undefined) {
      const where = open.clusters.get(cluster)?.cluster ?? {};
      return { what, ok: false, detail: `frozen: ${frozen}`, fix: thawCommand(lockNamespace, where) };
    }
    if (held === undefined) return { what, ok: true, detail: 'not frozen, and nobody holds it' };
    return { what, ok: false, optional: true, detail: held, fix: 'run --wait waits for the end of a run that lives.' };
  });
}
