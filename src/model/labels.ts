/** Labels of an object of Kubernetes. */
export type Labels = Readonly<Record<string, string>>;

const KEY = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/;

/** An optional DNS prefix, and a name of up to 63 characters (apimachinery IsQualifiedName). */
export function isLabelKey(key: string): boolean {
  return KEY.test(key);
}

/** Up to 63 characters, or none (apimachinery IsValidLabelValue). */
export function isLabelValue(value: string): boolean {
  return VALUE.test(value);
}

/** The value of a label, of the object's own: `constructor` is a name like any other. */
export function labelOf(labels: Labels | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/**
 * Whether all that is wanted is there with its value; nothing wanted is always there. So do `matchLabels` select, `selector` of
 * Services and Gateways, `workloadSelector` and `sourceLabels` of Istio. What of them an empty one means is each kind's own.
 */
export function hasLabels(labels: Labels | undefined, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([key, value]) => labelOf(labels, key) === value);
}

/** The selector of what has all these labels in the text form that the API and `kubectl -l` take. */
export function selectorText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
