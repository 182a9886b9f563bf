import { badRequest } from './errors.ts';
import { at, type JsonMap, listOf, mapOf, mapsOf, stringOf } from './json.ts';

export type Labels = Readonly<Record<string, string>>;
type LabelTest = (labels: Labels) => boolean;
type ObjectTest = (object: JsonMap) => boolean;

const SET = /^([^\s!=(),]+)\s+(in|notin)\s+\(([^()]*)\)$/;
const EQUALITY = /^([^\s!=(),]+)\s*(==|=|!=)\s*([^\s!=(),]*)$/;
const EXISTS = /^(!?)\s*([^\s!=(),]+)$/;

/** Splits at commas outside of parentheses. */
function splitTerms(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}

/** Reads a `labelSelector` parameter: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas. */
export function parseLabelSelector(text: string): LabelTest {
  const tests = splitTerms(text).map(labelTerm);
  return (labels) => tests.every((test) => test(labels));
}

function labelTerm(term: string): LabelTest {
  const set = SET.exec(term);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return operator === 'in'
      ? (labels) => values.includes(labels[key] ?? '\0')
      : (labels) => !values.includes(labels[key] ?? '\0');
  }
  const equality = EQUALITY.exec(term);
  if (equality !== null) {
    const [, key = '', operator, value = ''] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const exists = EXISTS.exec(term);
  if (exists === null) throw badRequest(`unable to parse requirement: ${JSON.stringify(term)}`);
  const [, not, key = ''] = exists;
  return (labels) => Object.hasOwn(labels, key) === (not === '');
}

/** Reads a LabelSelector object; an empty one selects everything (apimachinery LabelSelectorAsSelector). */
export function parseLabelSelectorObject(selector: JsonMap): LabelTest {
  const wanted = Object.entries(mapOf(selector.matchLabels));
  const expressions = mapsOf(selector.matchExpressions).map(expressionTest);
  return (labels) => wanted.every(([key, value]) => labels[key] === value) && expressions.every((test) => test(labels));
}

function expressionTest(expression: JsonMap): LabelTest {
  const key = stringOf(expression.key);
  const values = listOf(expression.values);
  switch (expression.operator) {
    case 'In':
      return (labels) => values.includes(labels[key] ?? null);
    case 'NotIn':
      return (labels) => !values.includes(labels[key] ?? null);
    case 'Exists':
      return (labels) => Object.hasOwn(labels, key);
    default:
      return (labels) => !Object.hasOwn(labels, key);
  }
}

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
  const tests = splitTerms(text).map((term): ObjectTest => {
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
