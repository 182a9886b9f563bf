import { isSecretHeader } from '../model/redact.ts';
import { type Millis, parseDuration } from '../model/units.ts';
import type { Path } from '../schema/draft.ts';
import { createSource, type Location, withoutBom } from './source.ts';
import { readDocument } from './yaml-syntax.ts';
import { buildTree, nodeAt, type TreeNode } from './yaml-tree.ts';

/** Where the value of a header comes from: the file itself, or the environment when a run begins. */
type HeaderOrigin = { readonly literal: string } | { readonly env: string; readonly prefix: string };

/** A header whose value comes from a file or a command, when a run begins and again after `refreshMs`. */
export type TokenHeader = {
  /** Position of its request in spec.load.paths. */
  readonly path: number;
  readonly name: string;
  readonly source: { readonly file: string } | { readonly command: readonly string[] };
  readonly prefix: string;
  readonly refreshMs?: Millis;
  /** Where that stands in the file. */
  readonly at: Location;
};

/** A header whose value nobody may read in a record. */
export type SecretHeader = {
  /** Position of its request in spec.load.paths. */
  readonly path: number;
  readonly name: string;
  readonly from: HeaderOrigin;
  /** Where the value stands in the file. */
  readonly at: Location;
};

/** A header as it is written, wherever that is. */
type WrittenHeader = { readonly path: number; readonly name: string; readonly node: TreeNode };

/** The place of every header value in a scenario; `*` is any key or position. */
const PLACE = ['spec', 'load', 'paths', '*', 'request', 'headers', '*'];

/** The headers in a part of a scenario that stands at `at`; the whole scenario stands at the empty path. */
function headersIn(node: TreeNode, at: Path): WrittenHeader[] {
  if (at.some((step, index) => PLACE[index] !== '*' && PLACE[index] !== step)) return [];
  if (at.length === PLACE.length) return [{ path: Number(at[3]), name: String(at[6]), node }];
  if (node.kind === 'map') return node.entries.flatMap(({ key, value }) => headersIn(value, [...at, key]));
  return node.kind === 'list' ? node.items.flatMap((item, index) => headersIn(item, [...at, index])) : [];
}

/** The literal values of secret headers in a part of a scenario, and what stands wrongly in the place of one. */
export function secretLiterals(node: TreeNode, at: Path): TreeNode[] {
  const headers = headersIn(node, at).filter(({ name }) => isSecretHeader(name));
  return headers.flatMap((header) => textsIn(header.node)).filter(({ start, end }) => end > start);
}

/** What stands in the place of a value and says where it comes from. */
const SOURCES: ReadonlySet<string> = new Set(['env', 'file', 'command', 'refresh', 'prefix']);

function textsIn(node: TreeNode): TreeNode[] {
  if (node.kind === 'list') return node.items.flatMap(textsIn);
  if (node.kind !== 'map') return [node];
  return node.entries.flatMap(({ key, value }) => (SOURCES.has(key) ? [] : textsIn(value)));
}

/**
 * The secret headers of a valid scenario: literal values of headers whose name says secret, and everything that is read
 * from the environment.
 */
export function secretHeaders(text: string): SecretHeader[] {
  const document = readDocument(withoutBom(text), []);
  if (document === undefined) return [];
  const source = createSource(text);
  return headersIn(buildTree(document, []), []).flatMap(({ path, name, node }): SecretHeader[] => {
    const from = originOf(node);
    if (from === undefined || ('literal' in from && !isSecretHeader(name))) return [];
    return [{ path, name, from, at: source.locate(nodeAt(node, ['env']) ?? node) }];
  });
}

function originOf(node: TreeNode): HeaderOrigin | undefined {
  if (node.kind === 'scalar') return typeof node.value === 'string' ? { literal: node.value } : undefined;
  const env = nodeAt(node, ['env']);
  if (env?.kind !== 'scalar') return undefined;
  return { env: String(env.value), prefix: textAt(node, 'prefix') ?? '' };
}

function textAt(node: TreeNode, field: string): string | undefined {
  const found = nodeAt(node, [field]);
  return found?.kind === 'scalar' ? String(found.value) : undefined;
}

/** The headers of a valid scenario whose values come from files and commands. */
export function tokenHeaders(text: string): TokenHeader[] {
  const document = readDocument(withoutBom(text), []);
  if (document === undefined) return [];
  const source = createSource(text);
  return headersIn(buildTree(document, []), []).flatMap(({ path, name, node }): TokenHeader[] => {
    const [file, command] = [textAt(node, 'file'), nodeAt(node, ['command'])];
    const words =
      command?.kind === 'list' ? command.items.map((item) => (item.kind === 'scalar' ? String(item.value) : '')) : [];
    if (file === undefined && words.length === 0) return [];
    const refreshMs = parseDuration(textAt(node, 'refresh') ?? '');
    return [
      {
        ...{ path, name, prefix: textAt(node, 'prefix') ?? '' },
        source: file === undefined ? { command: words } : { file },
        ...(refreshMs === undefined ? {} : { refreshMs }),
        at: source.locate(nodeAt(node, ['file']) ?? command ?? node),
      },
    ];
  });
}
