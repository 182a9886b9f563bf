import { isSelected } from '../../model/label-selector.ts';
import { isLabelKey, isLabelValue, type Labels } from '../../model/labels.ts';
import type { StatusCause } from './errors.ts';
import { invalid } from './errors.ts';
import { admitIstio } from './istio/admission.ts';
import { at, isMap, type JsonMap, listOf, mapOf, mapsOf, sameJson, stringOf } from './json.ts';
import type { Resource } from './resource.ts';
import { customProblems } from './schema/custom-values.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_SUBDOMAIN = 253;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";

function wrong(field: string, value: unknown, why: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field };
}

function required(field: string, why = ''): StatusCause {
  return { reason: 'FieldValueRequired', message: why === '' ? 'Required value' : `Required value: ${why}`, field };
}

/** Throws an ApiError 422 with every problem of a new object (k8s.io/kubernetes/pkg/apis/.../validation). */
export function validateCreate(object: JsonMap, resource: Resource): void {
  report(resource, object, [
    ...nameProblems(object, resource),
    ...commonProblems(object),
    ...ownProblems(object, resource),
  ]);
  admitIstio(object, resource);
}

/** As validateCreate, and with the fields that must not change. */
export function validateUpdate(current: JsonMap, next: JsonMap, resource: Resource): void {
  report(resource, next, [
    ...commonProblems(next),
    ...immutableProblems(current, next),
    ...ownProblems(next, resource),
  ]);
  admitIstio(next, resource);
}

/** What the schema of a custom resource forbids; built-in kinds have their rules in code. */
function ownProblems(object: JsonMap, resource: Resource): StatusCause[] {
  return resource.custom ? customProblems(object, resource) : [];
}

function report(resource: Resource, object: JsonMap, problems: readonly StatusCause[]): void {
  if (problems.length > 0) throw invalid(resource, stringOf(mapOf(object.metadata).name), problems);
}

function nameProblems(object: JsonMap, resource: Resource): StatusCause[] {
  const name = stringOf(mapOf(object.metadata).name);
  if (resource.kind === 'Namespace' || resource.kind === 'Service') {
    return LABEL.test(name) ? [] : [wrong('metadata.name', name, LABEL_RULE)];
  }
  const good = name.length <= MAX_SUBDOMAIN && SUBDOMAIN.test(name);
  return good ? [] : [wrong('metadata.name', name, SUBDOMAIN_RULE)];
}

function commonProblems(object: JsonMap): StatusCause[] {
  const labels = mapOf(mapOf(object.metadata).labels);
  const problems: StatusCause[] = [];
  for (const [key, value] of Object.entries(labels)) {
    if (!isLabelKey(key)) problems.push(wrong('metadata.labels', key, 'name part must be a valid label name'));
    if (!isLabelValue(stringOf(value, ' '))) {
      problems.push(
        wrong('metadata.labels', value, 'a valid label must be an empty string or consist of alphanumeric characters'),
      );
    }
  }
  return [...problems, ...kindProblems(object)];
}

function kindProblems(object: JsonMap): StatusCause[] {
  switch (object.kind) {
    case 'Pod':
      return podProblems(mapOf(object.spec), 'spec');
    case 'Job':
      return podProblems(mapOf(at(object, 'spec', 'template', 'spec')), 'spec.template.spec');
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return workloadProblems(mapOf(object.spec));
    case 'Service':
      return serviceProblems(mapOf(object.spec));
    case 'Lease':
      return leaseProblems(mapOf(object.spec));
    default:
      return [];
  }
}

function podProblems(spec: JsonMap, path: string): StatusCause[] {
  const containers = mapsOf(spec.containers);
  const problems = containers.length === 0 ? [required(`${path}.containers`)] : [];
  const seen = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const field = `${path}.containers[${index}]`;
    const name = stringOf(container.name);
    if (name === '') problems.push(required(`${field}.name`));
    else if (!LABEL.test(name)) problems.push(wrong(`${field}.name`, name, LABEL_RULE));
    if (seen.has(name)) {
      problems.push({ reason: 'FieldValueDuplicate', message: `Duplicate value: "${name}"`, field: `${field}.name` });
    }
    seen.add(name);
    if (stringOf(container.image) === '') problems.push(required(`${field}.image`));
  }
  return problems;
}

function workloadProblems(spec: JsonMap): StatusCause[] {
  const problems: StatusCause[] = [];
  if (typeof spec.replicas === 'number' && spec.replicas < 0) {
    problems.push(wrong('spec.replicas', spec.replicas, 'must be greater than or equal to 0'));
  }
  const labels = mapOf(at(spec, 'template', 'metadata', 'labels'));
  if (!isMap(spec.selector)) problems.push(required('spec.selector'));
  else if (!isSelected(spec.selector, labels as Labels)) {
    problems.push(wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  return [...problems, ...podProblems(mapOf(at(spec, 'template', 'spec')), 'spec.template.spec')];
}

function serviceProblems(spec: JsonMap): StatusCause[] {
  if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return [];
  const ports = mapsOf(spec.ports);
  if (ports.length === 0) return [required('spec.ports')];
  const nameless = ports.length > 1 && ports.findIndex((port) => stringOf(port.name) === '');
  return typeof nameless === 'number' && nameless >= 0 ? [required(`spec.ports[${nameless}].name`)] : [];
}

/** As pkg/apis/coordination/validation has it; the strategies of coordinated leader election are not modelled. */
function leaseProblems({ leaseDurationSeconds: lasts, leaseTransitions: changes }: JsonMap): StatusCause[] {
  return [
    ...(typeof lasts === 'number' && lasts <= 0
      ? [wrong('spec.leaseDurationSeconds', lasts, 'must be greater than 0')]
      : []),
    ...(typeof changes === 'number' && changes < 0
      ? [wrong('spec.leaseTransitions', changes, 'must be greater than or equal to 0')]
      : []),
  ];
}

const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['selector'],
  ReplicaSet: ['selector'],
  StatefulSet: ['selector', 'serviceName'],
  DaemonSet: ['selector'],
  Job: ['selector', 'template', 'completionMode'],
  Service: ['clusterIP'],
};

function immutableProblems(current: JsonMap, next: JsonMap): StatusCause[] {
  if (next.kind === 'Pod') return podChangeProblems(mapOf(current.spec), mapOf(next.spec));
  const problems: StatusCause[] = [];
  for (const field of IMMUTABLE[stringOf(next.kind)] ?? []) {
    const before = at(current, 'spec', field);
    const after = at(next, 'spec', field);
    if (before !== undefined && !sameJson(before, after))
      problems.push(wrong(`spec.${field}`, after, 'field is immutable'));
  }
  return problems;
}

/** Only images, tolerations and deadlines of a pod may change; the scheduler may set its node once (ValidatePodUpdate). */
function podChangeProblems(current: JsonMap, next: JsonMap): StatusCause[] {
  const fixed = (spec: JsonMap): unknown => {
    const { tolerations: _, activeDeadlineSeconds: __, terminationGracePeriodSeconds: ___, nodeName, ...rest } = spec;
    const images = (list: unknown): unknown => listOf(list).map((one) => ({ ...mapOf(one), image: '' }));
    return {
      ...rest,
      containers: images(rest.containers),
      initContainers: images(rest.initContainers),
      nodeName: current.nodeName === undefined ? '' : nodeName,
    };
  };
  if (sameJson(fixed(current), fixed(next))) return [];
  const why =
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [{ reason: 'FieldValueForbidden', message: `Forbidden: ${why}`, field: 'spec' }];
}
