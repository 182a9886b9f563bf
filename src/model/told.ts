import { hideTold, isToldSecret, isToldValue } from './credentials.ts';
import type { FaultPlan } from './fault.ts';
import { passwordReader } from './program-passwords.ts';
import { hideable, REDACTED, tracesOf } from './redact.ts';
import type { Json } from './scenario.ts';

/** An option of a command whose value is its next word. */
const OPTION = /^--?[A-Za-z][\w.-]*$/;

/** A field with seals of an environment, by its names: they tell nothing of the values (`Surroundings`). */
const SEALED = 'surroundings';

type Tell = (value: string) => void;

/** What others have told a workload, as a plan keeps it (words of commands, variables, scripts, manifests), without credentials. */
function hidden(value: Json, tell: Tell): Json {
  if (typeof value === 'string') return hiddenText(value, tell);
  if (value === null || typeof value !== 'object') return value;
  const named = (name: unknown, one: Json): Json => {
    if (typeof name !== 'string' || typeof one !== 'string' || !isToldSecret(name, one)) return hidden(one, tell);
    tell(one);
    return REDACTED;
  };
  if (Array.isArray(value)) {
    const read = passwordReader();
    return value.map((one, index) => {
      const before = value[index - 1];
      const at = read(typeof one === 'string' ? one : '');
      if (typeof one === 'string' && at !== undefined && isToldValue(one.slice(at))) {
        tell(one.slice(at));
        return `${one.slice(0, at)}${REDACTED}`;
      }
      return typeof before === 'string' && OPTION.test(before) ? named(before, one) : hidden(one, tell);
    });
  }
  const { name } = value;
  // Of a selector or a toleration `key` is the name of a label.
  const nameOf = (key: string): unknown => (key === 'value' ? (name ?? key) : key === 'key' ? undefined : key);
  const shown = (key: string, one: Json): Json => (key === SEALED ? one : named(nameOf(key), one));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shown(key, one)]));
}

function hiddenText(text: string, tell: Tell): string {
  if (!/^\s*[[{]/.test(text)) return hideTold(text, tell);
  let isFound = false;
  try {
    const shown = hidden(JSON.parse(text) as Json, (value) => {
      isFound = true;
      tell(value);
    });
    return isFound ? JSON.stringify(shown) : text;
  } catch {
    return hideTold(text, tell);
  }
}

/** What a field of an object holds, as a plan tells it, without what looks like a credential. */
export function hideFields(text: string): string {
  return hiddenText(text, () => {});
}

/** What looks like a credential in such values. */
export function credentialsIn(value: Json): string[] {
  const found: string[] = [];
  hidden(value, (one) => found.push(one));
  return found.filter((one) => one !== '');
}

/** What a plan keeps of objects, and what became of it, by which credentials are found. */
type Told = Pick<FaultPlan, 'data' | 'objects'>;

/** What looks like a credential in what a plan has copied from objects of others, or was told by its scenario. */
export function credentialsOf({ data, objects }: Told): string[] {
  const fields = objects.flatMap(({ before = '', during = '', after = '' }) => [before, during, after]);
  return [...new Set(credentialsIn([data, ...fields]))];
}

/** A shorter value is a word that may stand anywhere: it is hidden where it is told, and nowhere else. */
const SHORTEST = 8;

/**
 * The texts by which the credentials of plans are known wherever they stand. Names that the plans are about are none of them.
 */
export function tracesOfPlans(plans: readonly FaultPlan[]): string[] {
  const traces = new Set(plans.flatMap(credentialsOf).flatMap(tracesOf));
  return hideable(
    [...traces].filter(({ length }) => length >= SHORTEST),
    plans.flatMap(namesOf),
  );
}

function namesOf(plan: FaultPlan): string[] {
  const { kind, fault, cluster, runId, namespaces, cutsOff, objects, affected, data } = plan;
  return [
    ...[kind, fault, cluster, runId],
    ...[...namespaces, ...cutsOff],
    ...objects.flatMap((one) => [one.kind, one.namespace, one.name, one.cluster]),
    ...affected.flatMap((pod) => [pod.pod, pod.namespace, pod.zone, pod.workload, pod.ip]),
    ...imagesIn(data),
  ];
}

function imagesIn(value: Json): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, one]) =>
    key === 'image' && typeof one === 'string' ? [one] : imagesIn(one),
  );
}
