import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PermissionCheck } from '../../run/planned-run.ts';
import type { RestrictedUser } from '../../sandbox/testing/faulty-sandbox.ts';
import type { LiveSandbox } from './live-sandbox.ts';
import { roleOf } from './role-of.ts';

/** A permission as `plan -o json` tells it. */
export type Planned = PermissionCheck & { readonly cluster: string };

/** A user of a sandbox who may do what is listed and nothing else, and the targets file by which that user comes. */
export function grantedUser(
  live: LiveSandbox,
  permissions: readonly Planned[],
): { readonly user: RestrictedUser; readonly targets: string } {
  const roles = Map.groupBy(permissions, ({ cluster }) => cluster);
  const user = live.sandbox.addUser(
    'runner',
    Object.fromEntries([...roles].map(([cluster, list]) => [cluster, list.map(roleOf)])),
  );
  const folder = dirname(live.targets);
  writeFileSync(join(folder, 'runner-kubeconfig'), user.kubeconfig);
  const targets = join(folder, 'runner-targets.yaml');
  writeFileSync(targets, live.sandbox.targets.replaceAll('./kubeconfig', './runner-kubeconfig'));
  return { user, targets };
}
