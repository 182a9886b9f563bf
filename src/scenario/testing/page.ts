import type { Json } from '../../model/scenario.ts';

type Node = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly examples?: readonly Json[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Node;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
};

const HEAD = `# Every field of a scenario

Made from the schema that checks scenarios (\`faultline schema scenario\`). Fields in **bold** must be there. An editor with a
YAML language server shows the same beside the cursor. Words are explained in the [glossary](glossary.md), examples stand in
[requests.md](requests.md), [places.md](places.md) and [scenarios](../scenarios).
`;

/** docs/scenario.md, from the JSON schema of scenarios; `kinds` are described elsewhere. */
export function scenarioPage(schema: Json, kinds: readonly string[]): string {
  return `${HEAD}\n${sections(schema as Node, '', new Set(kinds)).join('\n')}`;
}

/** A mapping with its fields, and then those that it holds. */
function sections(node: Node, path: string, elsewhere: ReadonlySet<string>): string[] {
  const fields = Object.entries(node.properties ?? {});
  if (fields.length === 0) return [];
  const own = fields.filter(([name]) => !elsewhere.has(name));
  const kinds = fields
    .filter(([name]) => elsewhere.has(name))
    .map(([name]) => `[\`${name}\`](faults.md#${name.toLowerCase()})`);
  const title = path === '' ? 'The file' : `\`${path}\``;
  const rows = own.map(([name, field]) => row(name, field, (node.required ?? []).includes(name)));
  const table = ['| field | value | what it says |', '| --- | --- | --- |', ...rows].join('\n');
  const more = kinds.length === 0 ? '' : `\nAnd one of ${kinds.join(', ')}.\n`;
  const inner = own.flatMap(([name, field]) =>
    mappingsIn(field).flatMap(({ part, suffix }) =>
      sections(part, `${path === '' ? '' : `${path}.`}${name}${suffix}`, elsewhere),
    ),
  );
  return [`## ${title}\n\n${node.description ?? ''}\n\n${table}\n${more}`, ...inner];
}

/** The mappings with named fields that a value may be, or that it may be a list of. */
function mappingsIn(node: Node): { readonly part: Node; readonly suffix: string }[] {
  if (node.properties !== undefined) return [{ part: node, suffix: '' }];
  const inList = node.items === undefined ? [] : mappingsIn(node.items).map(({ part }) => ({ part, suffix: '[]' }));
  const [choice] = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(mappingsIn);
  return inList.length > 0 ? inList : choice === undefined ? [] : [choice];
}

function row(name: string, field: Node, isRequired: boolean): string {
  const shown = isRequired ? `**\`${name}\`**` : `\`${name}\``;
  return `| ${shown} | ${cell(valueText(field))} | ${cell(sentence(field))} |`;
}

function valueText(field: Node): string {
  const usual = field.default === undefined || isEmpty(field.default) ? '' : `; default ${code(field.default)}`;
  const example = field.examples?.[0];
  const shown = example === undefined || field.default !== undefined ? '' : `, as ${code(example)}`;
  return `${kindText(field)}${shown}${usual}`;
}

const isEmpty = (value: Json): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function kindText({ type, enum: choices, const: only, items, anyOf, oneOf, properties }: Node): string {
  if (only !== undefined) return code(only);
  if (choices !== undefined) return choices.map(code).join(', ');
  if (type === 'array') return `list of ${items === undefined ? 'values' : kindText(items)}`;
  const ways = [...(anyOf ?? []), ...(oneOf ?? [])].filter(
    ({ required, type: own }) => own !== undefined || required === undefined,
  );
  if (properties === undefined && ways.length > 0) return [...new Set(ways.map(kindText))].join(' or ');
  if (type === 'object') return 'mapping';
  return { string: 'text', integer: 'number', number: 'number', boolean: 'true or false' }[type ?? ''] ?? 'any value';
}

function sentence({ description = '', items }: Node): string {
  return description === '' ? (items?.description ?? '') : description;
}

function code(value: Json): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
