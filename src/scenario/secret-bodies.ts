import { isSecretHeader, REDACTED } from '../model/redact.ts';
import type { Json } from '../model/scenario.ts';
import type { Path } from '../schema/draft.ts';
import { createSource, type Location, withoutBom } from './source.ts';
import { readDocument } from './yaml-syntax.ts';
import { buildTree, nodeAt, type ScalarNode, type TreeNode } from './yaml-tree.ts';

/** A text of a body that nobody may read in a record. */
export type SecretText = {
  /** Position of its request in spec.load.paths. */
  readonly path: number;
  /** JSON pointer of the text; empty: the whole body. */
  readonly pointer: string;
  readonly from: { readonly literal: string } | { readonly env: string };
  /** Where the value stands in the file. */
  readonly at: Location;
};

/** The place of the JSON of every body in a scenario; `*` is any position. */
const PLACE = ['spec', 'load', 'paths', '*', 'request', 'body', 'json'];

/** Whether a text of a body is a secret, by its own name in the JSON. */
function isSecretAt(steps: readonly (string | number)[]): boolean {
  const name = steps.findLast((step) => typeof step === 'string');
  return typeof name === 'string' && isSecretHeader(name);
}

type Text = { readonly at: Path; readonly node: ScalarNode };

/** The secret texts of bodies in a part of a scenario that stands at `at`. */
function textsIn(node: TreeNode, at: Path): Text[] {
  if (PLACE.some((step, index) => index < at.length && step !== '*' && step !== at[index])) return [];
  if (node.kind === 'map') return node.entries.flatMap(({ key, value }) => textsIn(value, [...at, key]));
  if (node.kind === 'list') return node.items.flatMap((item, index) => textsIn(item, [...at, index]));
  const isText = node.kind === 'scalar' && typeof node.value === 'string';
  return isText && at.length > PLACE.length && isSecretAt(at.slice(PLACE.length)) ? [{ at, node }] : [];
}

/** The literal secrets of bodies in a part of a scenario: texts in JSON whose name says secret. */
export function bodyLiterals(node: TreeNode, at: Path): TreeNode[] {
  return textsIn(node, at)
    .map((text) => text.node)
    .filter(({ start, end }) => end > start);
}

/** JSON without the literal secrets in it. */
export function redactJson(value: Json, steps: readonly (string | number)[] = []): Json {
  if (typeof value === 'string') return isSecretAt(steps) ? REDACTED : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item, index) => redactJson(item, [...steps, index]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactJson(item, [...steps, key])]));
}

/** The secret texts in the bodies of a valid scenario: literal ones, and everything that is read from the environment. */
export function secretBodies(text: string): SecretText[] {
  const document = readDocument(withoutBom(text), []);
  if (document === undefined) return [];
  const root = buildTree(document, []);
  const source = createSource(text);
  const literals = textsIn(root, []).map(({ at, node }): SecretText => {
    const pointer = at
      .slice(PLACE.length)
      .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`);
    return {
      path: Number(at[3]),
      pointer: pointer.join(''),
      from: { literal: String(node.value) },
      at: source.locate(node),
    };
  });
  const paths = nodeAt(root, ['spec', 'load', 'paths']);
  const requests = paths?.kind === 'list' ? paths.items : [];
  const read = requests.flatMap((request, path) => {
    const body = nodeAt(request, ['request', 'body']);
    const secrets = body === undefined ? undefined : nodeAt(body, ['secrets']);
    const inside =
      secrets?.kind === 'map' ? secrets.entries.map(({ key, value }) => ({ pointer: key, holder: value })) : [];
    return [{ pointer: '', holder: body }, ...inside].flatMap(({ pointer, holder }): SecretText[] => {
      const env = holder === undefined ? undefined : nodeAt(holder, ['env']);
      if (env?.kind !== 'scalar') return [];
      return [{ path, pointer, from: { env: String(env.value) }, at: source.locate(env) }];
    });
  });
  return [...literals, ...read];
}
