import { FaultlineError } from '../../model/errors.ts';
import type { Permission } from '../../model/fault.ts';
import { practiceKind } from '../../model/practice.ts';
import { visibleLine } from '../../model/visible.ts';
import type { OpenCluster } from '../wiring.ts';
import { abortConditions } from './abort-conditions.ts';
import { alerts } from './alerts.ts';
import { blackout } from './blackout.ts';
import { controlPlane } from './control-plane.ts';
import { deadMan } from './dead-man.ts';
import { duration } from './duration.ts';
import { everyZone } from './every-zone.ts';
import { gitops } from './gitops.ts';
import type { Guard, Guarded, Ruling, Targeted } from './guard.ts';
import type { GuardCheck, TargetGuardCheck } from './guard-check.ts';
import { identity } from './identity.ts';
import { meshWide } from './mesh-wide.ts';
import { oneObject } from './one-object.ts';
import { oneRoute } from './one-route.ts';
import { optIn } from './opt-in.ts';
import { protectedContext } from './protected.ts';
import { requirements } from './requirements.ts';
import { samePods } from './same-pods.ts';
import { wholeService } from './whole-service/index.ts';

/** Every guard that a plan shows. A new one is one file and one entry here. */
const GUARDS: readonly Guard[] = [
  identity,
  protectedContext,
  optIn,
  meshWide,
  controlPlane,
  oneObject,
  oneRoute,
  samePods,
  everyZone,
  wholeService,
  gitops,
  deadMan,
  duration,
  requirements,
  abortConditions,
  alerts,
  blackout,
];

/** Asks every guard; all that is refused is in the result, so that `plan` can show it at once. */
export async function checkGuards(guarded: Guarded): Promise<GuardCheck[]> {
  return checkAll(GUARDS, guarded);
}

/** Asks those again whose answer may have become another one since. */
export async function checkLiveGuards(guarded: Guarded): Promise<GuardCheck[]> {
  return checkAll(
    GUARDS.filter(({ isLive }) => isLive === true),
    guarded,
  );
}

async function checkAll(guards: readonly Guard[], guarded: Guarded): Promise<GuardCheck[]> {
  const asked = guards.map((guard) => ask(guard, guarded.topology, () => guard.check(guarded)));
  return (await Promise.all(asked)).flat();
}

async function ask(
  { name, spares }: Guard,
  topology: Targeted['topology'],
  check: () => Promise<readonly Ruling[]>,
): Promise<GuardCheck[]> {
  const practice = practiceKind(topology);
  if (spares !== undefined && practice !== undefined) {
    return [{ guard: name, holds: true, detail: `not asked of the ${practice}` }];
  }
  const rulings = await check();
  if (rulings.length === 0) return [{ guard: name, holds: true, detail: 'holds' }];
  return rulings.map(({ refused, ...rest }) => ({ guard: name, holds: !refused, ...rest }));
}

/** What the guards say of a target before there is a scenario: what they would refuse of a fault that hits anything there. */
export async function checkTargetGuards(targeted: Targeted): Promise<TargetGuardCheck[]> {
  const checks = GUARDS.flatMap((guard) => {
    const { ofTarget } = guard;
    if (ofTarget === undefined) return [];
    const isForSome = ofTarget.refuses === 'some faults';
    const asked = ask(guard, targeted.topology, () => ofTarget.check(targeted));
    return [asked.then((found) => found.map((one) => ({ ...one, isForSome })))];
  });
  return (await Promise.all(checks)).flat();
}

/** What the guards ask of the API of one cluster of a run. */
export function guardNeeds(guarded: Guarded, open: OpenCluster): Permission[] {
  const isPractice = practiceKind(guarded.topology) !== undefined;
  const asked = GUARDS.filter(({ spares }) => spares === undefined || !isPractice);
  return guarded.faults.length === 0 ? [] : asked.flatMap((guard) => guard.needs?.(guarded, open) ?? []);
}

/** Throws FAULT_REFUSED with everything that the guards refuse. */
export function requireGuards({ guards }: { readonly guards: readonly GuardCheck[] }): void {
  const refused = guards.filter(({ holds }) => !holds);
  if (refused.length === 0) return;
  const what = refused.map(({ detail }) => detail).join('; ');
  const hints = [...new Set(refused.flatMap(({ hint }) => (hint === undefined ? [] : visibleLine(hint))))];
  throw new FaultlineError('FAULT_REFUSED', what, hints.length === 0 ? {} : { hint: hints.join('\n  ') });
}
