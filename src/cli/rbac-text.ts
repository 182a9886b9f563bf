import { stringify } from 'yaml';
import { rolesFor, type Subject } from '../kube/roles.ts';
import { FaultlineError } from '../model/errors.ts';
import type { PermissionCheck } from '../run/planned-run.ts';

const LABELS = { 'app.kubernetes.io/part-of': 'faultline' };
const READING = new Set(['get', 'list', 'watch']);

/** Who is to get the roles: `User:ann`, `Group:sre` or `ServiceAccount:namespace/name`. Throws USAGE for anything else. */
export function subjectOf(text: string): Subject {
  const [, kind, rest = ''] = /^(User|Group|ServiceAccount):(.+)$/.exec(text) ?? [];
  const [namespace, name] = rest.split('/');
  if (kind === 'ServiceAccount' && namespace && name) return { kind, namespace, name };
  if (kind === 'User' || kind === 'Group') return { kind, name: rest };
  throw new FaultlineError('USAGE', `${text} is nobody that Kubernetes could give a role to`, {
    hint: 'Write User:NAME, Group:NAME or ServiceAccount:NAMESPACE/NAME.',
  });
}

/**
 * Manifests of the roles that a plan comes to, for each cluster: `faultline-observer` has all that `plan`, `doctor` and the
 * observers read, `faultline-runner` what a run and its undo need besides. Clusters that need the same stand together.
 */
export function rbacText(checks: readonly PermissionCheck[], subject: Subject | undefined): string {
  const clusters = Map.groupBy(checks, ({ cluster }) => cluster);
  const texts = [...clusters].map(([cluster, own]) => ({ cluster, text: manifestsOf(own, subject) }));
  const alike = Map.groupBy(texts, ({ text }) => text);
  return [...alike]
    .map(([text, some]) => `# in ${some.map(({ cluster }) => cluster).join(' and in ')}\n${text}`)
    .join('---\n');
}

function manifestsOf(checks: readonly PermissionCheck[], subject: Subject | undefined): string {
  const { reads = [], others = [] } = Object.groupBy(checks, (check) => (isReading(check) ? 'reads' : 'others'));
  const about = { labels: LABELS, ...(subject === undefined ? {} : { subject }) };
  const objects = [
    ...rolesFor(reads, { ...about, name: 'faultline-observer' }),
    ...rolesFor(others, { ...about, name: 'faultline-runner' }),
  ];
  return objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
}

/** What is asked for to observe or predict changes nothing, whatever its verb is called. */
function isReading({ purpose, verb, subresource }: PermissionCheck): boolean {
  if (purpose === 'observe' || purpose === 'predict') return true;
  return READING.has(verb) && subresource !== 'exec';
}
