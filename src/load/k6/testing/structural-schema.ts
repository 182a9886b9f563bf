type Schema = { readonly [key: string]: unknown };

/** What a structural schema of a CustomResourceDefinition has against a value; empty when an API server would store all of it. */
export function problemsOf(value: unknown, schema: unknown, path = ''): string[] {
  const rules = mapOf(schema);
  if (rules['x-kubernetes-int-or-string'] === true) return scalarProblems(value, rules, ['integer', 'string'], path);
  switch (rules.type) {
    case 'object':
      return isMap(value) ? objectProblems(value, rules, path) : [`${path}: not an object`];
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((item, index) => problemsOf(item, rules.items, `${path}[${index}]`))
        : [`${path}: not an array`];
    default:
      return scalarProblems(value, rules, [String(rules.type)], path);
  }
}

/** Required fields, known fields, and fields nobody knows: those an API server drops without a word. */
function objectProblems(value: Schema, rules: Schema, path: string): string[] {
  const known = mapOf(rules.properties);
  const required = Array.isArray(rules.required) ? rules.required : [];
  const missing = required.filter((name) => value[name] === undefined).map((name) => `${path}.${name}: missing`);
  const inside = Object.entries(value).flatMap(([name, item]) => {
    const rule = known[name] ?? rules.additionalProperties;
    return isMap(rule) ? problemsOf(item, rule, `${path}.${name}`) : [`${path}.${name}: unknown field`];
  });
  return [...missing, ...inside];
}

function scalarProblems(value: unknown, rules: Schema, types: readonly string[], path: string): string[] {
  const problems: string[] = [];
  if (!types.includes(typeOf(value))) problems.push(`${path}: ${typeOf(value)}, not ${types.join(' or ')}`);
  if (Array.isArray(rules.enum) && !rules.enum.includes(value)) problems.push(`${path}: not one of ${rules.enum}`);
  if (typeof rules.pattern === 'string' && typeof value === 'string' && !new RegExp(rules.pattern).test(value)) {
    problems.push(`${path}: does not match ${rules.pattern}`);
  }
  const largest = rules.format === 'int32' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER;
  if (typeof value === 'number' && value > largest) problems.push(`${path}: more than ${largest}`);
  return problems;
}

function typeOf(value: unknown): string {
  if (Number.isInteger(value)) return 'integer';
  return value === null ? 'null' : typeof value;
}

function isMap(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapOf(value: unknown): Schema {
  return isMap(value) ? value : {};
}
