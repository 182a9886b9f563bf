/** A LabelSelector of Kubernetes, as an object has it. */
export type LabelSelector = {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly Requirement[];
};

type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
type Requirement = { readonly key: string; readonly operator: Operator; readonly values?: readonly string[] };
type Labels = Readonly<Record<string, string>>;

/** Whether a selector picks what has these labels; an empty one picks everything (apimachinery, LabelSelectorAsSelector). */
export function isSelected({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((one) => isMet(one, labels))
  );
}

function isMet({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
