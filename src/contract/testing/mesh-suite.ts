import { Changes } from './changes.ts';
import { A, home, type Stage, ZONES } from './field-cases.ts';
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
 * where the sandbox does not, its model is wrong.
 */
export function meshContract(open: () => Promise<ContractTarget>): void {
  let target: ContractTarget;
  let base: Changes;
  before(async () => {
    target = await open();
    base = new Changes(target);
    await base.apply(AT_ONCE);
    await target.settle();
  });
  after(async () => {
    await base.undo();
  });

  for (const { name, run } of [...RULE_CASES, ...ROUTE_CASES]) {
    it(name, async () => {
      const stage: Stage = { target, changes: new Changes(target) };
      try {
        await run(stage);
      } finally {
        await stage.changes.undo();
        await target.knownToDns(A);
      }
      await home(stage, 'mockb', ZONES);
    });
  }
}
