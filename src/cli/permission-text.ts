import type { Permission } from '../model/fault.ts';
import { missingPermissions, permissionText, placeText, resourceText } from '../run/permissions.ts';
import type { PermissionCheck, Purpose } from '../run/planned-run.ts';

type Placed = Permission & { readonly cluster: string };

const FOR: Readonly<Record<Purpose, string>> = {
  run: 'Needed by the run, its undo and the recovery of its journal',
  scan: 'Needed by recover --scan, which looks for everything that any run may have left',
  observe: 'Needed to observe; what is not allowed is not seen, and not judged',
  predict: 'Needed to predict; without any of it nothing is predicted',
};

const PURPOSES = ['run', 'scan', 'observe', 'predict'] as const satisfies readonly Purpose[];

/** Every permission that was asked for, and which are missing; enough to write the roles from. */
export function describePermissions(checks: readonly PermissionCheck[]): string[] {
  const missing = missingPermissions(checks);
  const denied = checks.filter(({ allowed, purpose }) => !allowed && purpose !== 'run');
  return [
    'Permissions',
    ...PURPOSES.flatMap((purpose) => {
      const rules = rulesOf(checks.filter((check) => check.purpose === purpose));
      return rules.length === 0 ? [] : [`  ${FOR[purpose]}`, ...rules.map((rule) => `    ${rule}`)];
    }),
    ...(missing.length > 0 ? ['Permissions MISSING (the run would be refused):', ...linesOf(missing)] : []),
    ...(denied.length > 0 ? ['Permissions missing (the run would go on without):', ...linesOf(denied)] : []),
    ...(missing.length + denied.length > 0 ? [] : [`All ${checks.length} granted, those of the undo included`]),
  ];
}

function linesOf(checks: readonly PermissionCheck[]): string[] {
  return checks.map((check) => `  ${permissionText(check)}`);
}

/** One line for all that is alike in one place: `get, patch Deployment in tokyo/default`. */
export function rulesOf(checks: readonly Placed[]): string[] {
  const byResource = Map.groupBy(checks, (check) => `${resourceText(check)} in ${placeText(check)}`);
  const resources = [...byResource.values()].map((own) => ({
    resource: own.map(resourceText)[0] ?? '',
    rule: { verbs: own.map(({ verb }) => verb).join(', '), place: own.map(placeText)[0] ?? '' },
  }));
  const byRule = Map.groupBy(resources, ({ rule }) => `${rule.verbs} | ${rule.place}`);
  return [...byRule.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    return `${first.rule.verbs} ${own.map(({ resource }) => resource).join(', ')} in ${first.rule.place}`;
  });
}
