import { Changes } from './changes.ts';
import { A, type FieldStage, home, ZONES } from './field-cases.ts';
import { ROUTE_CASES } from './route-cases.ts';
import { RULE_CASES } from './rule-cases.ts';
import type { ContractTarget } from './target.ts';

/** Ejections reach every worker at once, so that "one error" can be said of any target. */
const AT_ONCE = `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: eject-at-once, namespace: istio-system }
spec:
  configPatches:
    - applyTo: CLUSTER
      match: { context: SIDECAR_OUTBOUND }
      patch: { operation: MERGE, value: { common_lb_config: { update_merge_window: 0s } } }
    - applyTo: CLUSTER
      match: { context: GATEWAY }
      patch: { operation: MERGE, value: { common_lb_config: { update_merge_window: 0s } } }`;

/**
 * What a real mesh was measured to do with configurations that were met in the field. Every target has to do the same:
 * where the sandbox does not, its model is wrong. Each case takes the first target that is free, for they mostly wait. `isWanted`: by their names.
 */
export function meshContract(open: () => Promise<readonly ContractTarget[]>, isWanted = (_name: string) => true): void {
  const wanted = CASES.filter(({ name }) => isWanted(name));
  const free: ContractTarget[] = [];
  const waiting: ((target: ContractTarget) => void)[] = [];
  let bases: readonly Changes[] = [];
  before(async () => {
    const targets = await open();
    bases = targets.map((target) => new Changes(target));
    await Promise.all(bases.map((base) => base.apply(AT_ONCE)));
    await Promise.all(targets.map((target) => target.settle()));
    free.push(...targets);
    if (targets.length > 1) for (const { name } of wanted) begin(name);
  });
  after(async () => {
    for (const base of bases) await base.undo();
  });

  const running = new Map<string, Promise<void>>();
  for (const { name } of wanted) it(name, () => begin(name));

  function begin(name: string): Promise<void> {
    const known = running.get(name);
    if (known !== undefined) return known;
    const turn = take().then((target) => played(name, target).finally(() => giveBack(target)));
    turn.catch(() => undefined);
    running.set(name, turn);
    return turn;
  }

  function take(): Promise<ContractTarget> {
    const target = free.shift();
    return target === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(target);
  }

  function giveBack(target: ContractTarget): void {
    const next = waiting.shift();
    if (next === undefined) free.push(target);
    else next(target);
  }
}

const CASES = [...RULE_CASES, ...ROUTE_CASES];

/** Plays a case, takes its changes back and sees that all callers are home again. */
async function played(name: string, target: ContractTarget): Promise<void> {
  const stage: FieldStage = { target, changes: new Changes(target) };
  try {
    await CASES.find((one) => one.name === name)?.run(stage);
  } finally {
    await stage.changes.undo();
    await target.knownToDns(A);
  }
  await home(stage, 'mockb', ZONES);
}
