import type { KubeObject } from './kubernetes.ts';
import { hasLabels, isLabelKey, isLabelValue, type Labels, labelOf } from './labels.ts';

/** `Gt` and `Lt` compare whole numbers: node affinity and the text form have them, a LabelSelector has not. */
type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';

/** One expression over a label, as `matchExpressions` has it. */
export type LabelRequirement = {
  readonly key: string;
  readonly operator: Operator;
  readonly values?: readonly string[];
};

/** A LabelSelector of Kubernetes, as an object has it. */
export type LabelSelector = {
  readonly matchLabels?: Labels | null;
  readonly matchExpressions?: readonly LabelRequirement[] | null;
};

/**
 * Whether a selector picks what has these labels: an empty one picks everything, one that is not there nothing (apimachinery
 * LabelSelectorAsSelector).
 */
export function isSelected(selector: LabelSelector | null | undefined, labels: Labels | undefined): boolean {
  if (selector === null || selector === undefined) return false;
  return hasLabels(labels, selector.matchLabels ?? {}) && meetsAll(selector.matchExpressions ?? [], labels);
}

/** Whether labels meet each of these; an operator that nobody knows is met by nothing (apimachinery Requirement.Matches). */
export function meetsAll(requirements: readonly LabelRequirement[], labels: Labels | undefined): boolean {
  return requirements.every((one) => meets(one, labelOf(labels, one.key)));
}

function meets({ operator, values = [] }: LabelRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isAbove(value, values[0]);
    case 'Lt':
      return isAbove(values[0], value);
  }
}

/** Only whole numbers are compared; the labels of an object are text, and any other text is neither more nor less. */
function isAbove(more: string | undefined, less: string | undefined): boolean {
  const [a, b] = [wholeNumber(more), wholeNumber(less)];
  return a !== undefined && b !== undefined && a > b;
}

function wholeNumber(text = ''): bigint | undefined {
  return /^[-+]?\d+$/.test(text) ? BigInt(text) : undefined;
}

/** Whether a Service is of these pods: of its namespace, all the labels that it names; one that names none is of no pod. */
export function serviceSelects(
  { metadata, spec }: KubeObject,
  pod: { readonly namespace?: string | undefined; readonly labels?: Labels },
): boolean {
  const { selector } = (spec ?? {}) as { readonly selector?: Labels | null };
  const wanted = selector ?? {};
  return metadata.namespace === pod.namespace && Object.keys(wanted).length > 0 && hasLabels(pod.labels, wanted);
}

const WORD = '[^\\s=!(),<>]+';
const SET = new RegExp(`^(${WORD})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const COMPARED = new RegExp(`^(${WORD})\\s*(==|=|!=|>|<)\\s*(${WORD}|)$`);
const EXISTS = new RegExp(`^(!?)\\s*(${WORD})$`);

const OPERATORS = {
  in: 'In',
  notin: 'NotIn',
  '=': 'In',
  '==': 'In',
  '!=': 'NotIn',
  '>': 'Gt',
  '<': 'Lt',
} as const satisfies Readonly<Record<string, Operator>>;

/**
 * Reads the text form of a selector (`labelSelector` of a request, `kubectl -l`): `a=b`, `a==b`, `a!=b`, `a in (b,c)`,
 * `a notin (b)`, `a`, `!a`, `a>1`, `a<1`, joined by commas (apimachinery labels.Parse). Throws a SyntaxError that names the
 * part that is none.
 */
export function parseLabelSelector(text: string): LabelRequirement[] {
  if (text.trim() === '') return [];
  return text.split(/,(?![^(]*\))/).map((part) => {
    const requirement = requirementOf(part.trim());
    if (requirement === undefined) throw new SyntaxError(`unable to parse requirement: ${JSON.stringify(part.trim())}`);
    return requirement;
  });
}

function requirementOf(part: string): LabelRequirement | undefined {
  const [, key = '', operator, listed = ''] = SET.exec(part) ?? COMPARED.exec(part) ?? [];
  if (operator !== undefined) {
    const values = listed.split(',').map((value) => value.trim());
    return valid({ key, operator: OPERATORS[operator as keyof typeof OPERATORS], values });
  }
  const [, not, name = ''] = EXISTS.exec(part) ?? [];
  return not === undefined ? undefined : valid({ key: name, operator: not === '' ? 'Exists' : 'DoesNotExist' });
}

function valid(requirement: LabelRequirement): LabelRequirement | undefined {
  const { key, operator, values = [] } = requirement;
  if (!isLabelKey(key) || !values.every(isLabelValue)) return undefined;
  const compares = operator === 'Gt' || operator === 'Lt';
  return compares && wholeNumber(values[0]) === undefined ? undefined : requirement;
}
