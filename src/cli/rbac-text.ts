import { stringify } from 'yaml';
import { rolesFor, type Subject } from '../kube/roles.ts';
import { FaultlineError } from '../model/errors.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Labels } from '../model/labels.ts';
import type { PlannedDeadMan } from '../run/dead-man/plan.ts';
import type { PermissionCheck } from '../run/planned-run.ts';

const LABELS: Labels = { 'app.kubernetes.io/part-of': 'faultline' };
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

/** The command that applies the manifests to a cluster, with further arguments. */
type ApplyCommand = (cluster: string, rest: string) => string;

/** Roles of several clusters have the same names: by this label a cluster takes its own from a file that has those of all. */
const CLUSTER_LABEL = 'faultline.dev/cluster';

/**
 * Manifests of the roles that a plan comes to, for each cluster: `faultline-observer` has all that `plan`, `doctor` and the
 * observers read, `faultline-runner` what a run and its undo need besides, and `faultline-dead-man`, where there is one, is
 * that of its ServiceAccount. They stand once where all clusters need the same.
 */
export function rbacText(
  checks: readonly PermissionCheck[],
  subject: Subject | undefined,
  apply: ApplyCommand | undefined,
  deadMen: readonly PlannedDeadMan[] = [],
): string {
  const clusters = Map.groupBy(checks, ({ cluster }) => cluster);
  const manifests = (cluster: string, labels: Labels): string => {
    const deadMan = deadMen.find((one) => one.cluster === cluster);
    const own = clusters.get(cluster) ?? [];
    return textOf([...manifestsOf(own, subject, labels), ...(deadMan ? deadManManifests(deadMan, labels) : [])]);
  };
  const head = (cluster: string, rest = ''): string =>
    `# in ${cluster}${apply === undefined ? '' : `: ${apply(cluster, rest)}`}\n`;
  const names = [...clusters.keys()];
  const [same = '', ...others] = new Set(names.map((cluster) => manifests(cluster, LABELS)));
  if (others.length === 0) return `${names.map((cluster) => head(cluster)).join('')}${same}`;
  return names
    .map((cluster) => {
      const text = manifests(cluster, { ...LABELS, [CLUSTER_LABEL]: cluster });
      return `${head(cluster, ` -l ${CLUSTER_LABEL}=${cluster}`)}${text}`;
    })
    .join('---\n');
}

function manifestsOf(checks: readonly PermissionCheck[], subject: Subject | undefined, labels: Labels): KubeObject[] {
  const { reads = [], others = [] } = Object.groupBy(checks, (check) => (isReading(check) ? 'reads' : 'others'));
  const about = { labels, ...(subject === undefined ? {} : { subject }) };
  return [
    ...rolesFor(reads, { ...about, name: 'faultline-observer' }),
    ...rolesFor(others, { ...about, name: 'faultline-runner' }),
  ];
}

function deadManManifests(
  { namespace, serviceAccount: name, permissions }: PlannedDeadMan,
  labels: Labels,
): KubeObject[] {
  const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } };
  const subject: Subject = { kind: 'ServiceAccount', namespace, name };
  return [account, ...rolesFor(permissions, { labels, name: 'faultline-dead-man', subject })];
}

function textOf(objects: readonly KubeObject[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
}

/** What is asked for to observe or predict changes nothing, whatever its verb is called. */
function isReading({ purpose, verb, subresource }: PermissionCheck): boolean {
  if (purpose === 'observe' || purpose === 'predict') return true;
  return READING.has(verb) && subresource !== 'exec';
}
