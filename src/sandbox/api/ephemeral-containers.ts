import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { ServerContext } from './context.ts';
import { forbidden, invalid, methodNotAllowed, type StatusCause } from './errors.ts';
import {
  asMap,
  asObject,
  at,
  clone,
  ensureMap,
  type JsonMap,
  listOf,
  mapOf,
  mapsOf,
  sameJson,
  stringOf,
} from './json.ts';
import { applyPatchTo } from './patch.ts';
import { requireObject } from './read.ts';
import { objectReply, type Reply } from './reply.ts';
import { type ApiRequest, bodyMap, isDryRun } from './request.ts';
import { readObject } from './write.ts';

/** A pod with its ephemeral containers: the only way to add one, and none is ever changed or taken out. */
export function handleEphemeralContainers(request: ApiRequest, context: ServerContext): Reply {
  const live = requireObject(request, context);
  if (request.verb === 'get') return objectReply(asMap(live));
  if (request.verb !== 'patch' && request.verb !== 'update') throw methodNotAllowed();
  const body = request.verb === 'patch' ? applyPatchTo(asMap(live), request) : bodyMap(request);
  const { object: sent, warnings } = readObject(request, body);
  const wanted = mapsOf(mapOf(sent.spec).ephemeralContainers);
  check(live, wanted, request);
  checkPodSecurity(live, wanted, request, context);
  const next = clone(asMap(live));
  ensureMap(next, 'spec').ephemeralContainers = clone(wanted);
  const { resourceVersion } = sent.metadata;
  if (resourceVersion !== undefined) ensureMap(next, 'metadata').resourceVersion = resourceVersion;
  const options = { dryRun: isDryRun(request), subresource: 'ephemeralcontainers' } as const;
  return objectReply(asMap(context.store.update(asObject(next), options)), 200, warnings);
}

/** What an ephemeral container cannot have (k8s.io/kubernetes/pkg/apis/core/validation ValidatePodEphemeralContainersUpdate). */
const NOT_ALLOWED = ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'resources'];

function check(live: KubeObject, wanted: readonly JsonMap[], { resource, name = '' }: ApiRequest): void {
  const field = 'spec.ephemeralContainers';
  const changed = mapsOf(at(live, 'spec', 'ephemeralContainers')).flatMap((before): StatusCause[] => {
    const after = wanted.find((one) => one.name === before.name);
    if (after !== undefined && sameJson(after, before)) return [];
    const what = after === undefined ? 'removed' : 'changed';
    const message = `Forbidden: existing ephemeral containers "${String(before.name)}" may not be ${what}`;
    return [{ reason: 'FieldValueForbidden', message, field }];
  });
  const lists = ['containers', 'initContainers'].flatMap((list) => mapsOf(at(live, 'spec', list)));
  const taken = lists.map((one) => one.name);
  const bad = wanted.flatMap((container, index) => {
    const isTwice = wanted.findIndex((one) => one.name === container.name) < index || taken.includes(container.name);
    return problemsOf(container, `${field}[${index}]`, isTwice);
  });
  if (changed.length + bad.length > 0) throw invalid(resource, name, [...changed, ...bad]);
}

function problemsOf(container: JsonMap, field: string, isTwice: boolean): StatusCause[] {
  const [name, image] = [stringOf(container.name), stringOf(container.image)];
  const problems: StatusCause[] = [];
  if (name === '' || image === '') {
    problems.push({ reason: 'FieldValueRequired', message: 'Required value', field });
  }
  if (isTwice) {
    problems.push({ reason: 'FieldValueDuplicate', message: `Duplicate value: "${name}"`, field: `${field}.name` });
  }
  const message = 'Forbidden: cannot be set for an Ephemeral Container';
  const extra = NOT_ALLOWED.filter((one) => container[one] !== undefined);
  return [...problems, ...extra.map((one) => ({ reason: 'FieldValueForbidden', message, field: `${field}.${one}` }))];
}

/** Capabilities that the level baseline lets a container add; restricted takes NET_BIND_SERVICE alone of them. */
const BASELINE = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD'],
  ...['NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
];

/** The part of PodSecurity admission that is about added capabilities (pod-security-admission policy/check_capabilities_baseline.go). */
function checkPodSecurity(
  live: KubeObject,
  wanted: readonly JsonMap[],
  { resource, name = '' }: ApiRequest,
  { store }: ServerContext,
): void {
  const namespace = store.get({ ...KINDS.namespace, name: live.metadata.namespace ?? '' });
  const level = namespace?.metadata.labels?.['pod-security.kubernetes.io/enforce'] ?? 'privileged';
  if (level === 'privileged') return;
  const allowed = level === 'restricted' ? ['NET_BIND_SERVICE'] : BASELINE;
  for (const container of wanted) {
    const added = listOf(at(container, 'securityContext', 'capabilities', 'add')).map(String);
    const bad = added.filter((one) => !allowed.includes(one)).map((one) => `"${one}"`);
    if (bad.length === 0) continue;
    const must = `container "${String(container.name)}" must not include ${bad.join(', ')} in securityContext.capabilities.add`;
    const why = level === 'restricted' ? 'unrestricted capabilities' : 'non-default capabilities';
    throw forbidden(resource, name, `violates PodSecurity "${level}:latest": ${why} (${must})`);
  }
}
