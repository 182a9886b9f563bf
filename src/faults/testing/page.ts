import { Document, isSeq, visit } from 'yaml';
import type { FaultKind } from '../../model/fault.ts';

type Field = {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly 'x-unit'?: string;
};

const HEAD = `# Faults

Every kind plans read only and names what it will touch, injects, proves its effect, and is undone from its plan alone, on
any machine. An undo puts back each field that still holds the fault's value and never overwrites somebody else's change: it
reports it, with the commands that finish by hand. What a fault changes in an object that is there is asked of the API server
by a dry run when it is planned: a value that admission makes of it (a webhook that names the mirror of a registry) is the
fault's own, and what admission would not let be put back is not taken away. \`faultline plan\` asks the API for the permissions below before anything
is touched, \`faultline doctor\` for each kind. What a fault changes carries the label \`faultline.dev/run\` and, as the
annotation \`faultline.dev/plan\`, what its undo needs where no journal is left.

This page is made from the kinds themselves in [\`src/faults\`](../src/faults); a new kind is a folder there and a line in its
\`index.ts\`, and one suite, \`src/faults/testing/conformance.ts\`, holds for all of them.
`;

/** The documentation of the kinds, in Markdown. */
export function faultsPage(kinds: readonly FaultKind[]): string {
  return [HEAD, ...kinds.map(sectionOf)].join('\n');
}

const TABLE = `| kind | what it does | undo | if the runner dies for good |
| --- | --- | --- | --- |
`;

/** The README with the table of faults that these kinds make; throws where it has none to take the place of. */
export function withFaultTable(readme: string, kinds: readonly FaultKind[]): string {
  const [before, after] = readme.split(TABLE);
  if (before === undefined || after === undefined) throw new Error('the README has no table of faults');
  const rows = kinds.map(({ kind, row }) => `| \`${kind}\` | ${row.does} | ${row.undo} | ${row.deadMan} |\n`);
  return `${before}${TABLE}${rows.join('')}${after.replace(/^(\|.*\n)*/, '')}`;
}

function sectionOf(kind: FaultKind): string {
  const permissions = kind.permissions.map(
    ({ kind: asked, subresource, verbs, scope, with: field, without }) =>
      `${verbs.join(', ')} ${asked.kind}${subresource === undefined ? '' : `/${subresource}`}` +
      `${scope === 'cluster' ? ' (whole cluster)' : ''}${withText(field)}${without === undefined ? '' : ` (without \`${without}\`)`}`,
  );
  const marks = kind.marks.map(
    ({ kind: marked, ours, with: field }) => `${marked.kind}${ours ? ' (creates it)' : ''}${withText(field)}`,
  );
  return `## ${kind.kind}

${kind.doc}

\`\`\`yaml
${exampleText(kind)}\`\`\`

${fieldsText(kind)}

- Undo: ${kind.row.undo}.
- If the runner dies for good: ${kind.row.deadMan}.
- Permissions: ${permissions.join('; ')}.
- Marks: ${marks.length === 0 ? 'nothing' : marks.join(', ')}.
`;
}

function withText(field: string | undefined): string {
  return field === undefined ? '' : ` (with \`${field}\`)`;
}

function exampleText({ kind, example }: FaultKind): string {
  const document = new Document([{ name: 'my-fault', [kind]: example }]);
  visit(document, (key, node) => {
    if (isSeq(node) && key !== null) node.flow = true;
  });
  return document.toString({ flowCollectionPadding: false });
}

function fieldsText({ schema }: FaultKind): string {
  const { properties, required } = schema as unknown as {
    properties: { [name: string]: Field };
    required: readonly string[];
  };
  const rows = Object.entries(properties).map(([name, field]) => {
    const type = field['x-unit'] ?? field.type ?? '';
    const need = required.includes(name) ? 'required' : field.default === undefined ? '' : `\`${field.default}\``;
    return `| \`${name}\` | ${type} | ${need} | ${field.description ?? ''} |`;
  });
  return ['| field | type | default | what it is |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
