import { badRequest } from './errors.ts';
import { at, type JsonMap, stringOf } from './json.ts';

type ObjectTest = (object: JsonMap) => boolean;

const COMMON_FIELDS = ['metadata.name', 'metadata.namespace'];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
  ],
  Event: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].flatMap((field) => [
      `involvedObject.${field}`,
      `regarding.${field}`,
    ]),
    'reason',
    'type',
    'reportingComponent',
    'reportingController',
    'source',
  ],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  Secret: ['type'],
  Service: ['spec.clusterIP', 'spec.type'],
  ReplicaSet: ['status.replicas'],
  Job: ['status.successful'],
};

/** Reads a `fieldSelector` parameter. A field the kind does not offer is a 400, as on a real server. */
export function parseFieldSelector(text: string, kind: string): ObjectTest {
  const terms = text.split(',').map((term) => term.trim());
  const tests = terms
    .filter((term) => term !== '')
    .map((term): ObjectTest => {
      const match = /^([^!=]+?)(==|=|!=)(.*)$/.exec(term);
      if (match === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
      const [, field = '', operator, value = ''] = match;
      if (!COMMON_FIELDS.includes(field) && !(FIELDS[kind] ?? []).includes(field)) {
        throw badRequest(`field label not supported: ${field}`);
      }
      return (object) => (fieldText(object, field) === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

function fieldText(object: JsonMap, field: string): string {
  if (field === 'source') return stringOf(at(object, 'source', 'component'));
  const value = at(object, ...field.split('.'));
  if (value === undefined || value === null) return field === 'spec.unschedulable' ? 'false' : '';
  return String(value);
}
