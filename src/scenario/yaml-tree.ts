import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode, type YAMLMap } from 'yaml';
import { quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { TextSpan } from './source.ts';

export type ScalarNode = TextSpan & {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | string;
  /** As written, without quotes. */
  readonly source: string;
};
export type Entry = { readonly key: string; readonly keySpan: TextSpan; readonly value: TreeNode };
export type MapNode = TextSpan & { readonly kind: 'map'; readonly entries: readonly Entry[] };
type ListNode = TextSpan & { readonly kind: 'list'; readonly items: readonly TreeNode[] };
/** Already reported; nothing more is said about it. */
type BrokenNode = TextSpan & { readonly kind: 'broken' };

/** A YAML value with its place in the text: aliases resolved, keys unique, plain strings and harmless. */
export type TreeNode = ScalarNode | MapNode | ListNode | BrokenNode;

const UNSAFE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const MOST_NODES = 20_000;
/** Escapes in a quoted scalar can write what the text itself must not contain. */
const UNSAFE_VALUE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

type Anchored = { readonly node: TreeNode; readonly size: number };
type Builder = {
  readonly problems: Problems;
  /** The latest anchor of a name; null while its node is being built. */
  readonly anchors: Map<string, Anchored | null>;
  /** Nodes so far, with every alias counted as all that it stands for. */
  size: number;
};

/** Turns a composed document into a tree; what cannot be used is reported and left out. */
export function buildTree(document: Document, problems: Problems): TreeNode {
  const builder: Builder = { problems, anchors: new Map(), size: 0 };
  const contents = document.contents as ParsedNode | null;
  return contents === null ? emptyAt(0) : build(contents, builder);
}

/** The entries of a mapping; none of anything else. */
export function entriesOf(node: TreeNode): readonly Entry[] {
  return node.kind === 'map' ? node.entries : [];
}

/** The value under a path of keys and positions, or undefined. */
export function nodeAt(root: TreeNode, path: readonly (string | number)[]): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const step of path) {
    if (node?.kind === 'map') node = node.entries.find((entry) => entry.key === step)?.value;
    else if (node?.kind === 'list' && typeof step === 'number') node = node.items[step];
    else return undefined;
  }
  return node;
}

function emptyAt(offset: number): ScalarNode {
  return { kind: 'scalar', value: null, source: '', start: offset, end: offset };
}

function spanOf(node: ParsedNode): TextSpan {
  const [start, end] = node.range;
  return { start, end };
}

function broken(span: TextSpan): BrokenNode {
  return { kind: 'broken', start: span.start, end: span.end };
}

function build(node: ParsedNode, builder: Builder): TreeNode {
  const span = spanOf(node);
  if (isAlias(node)) return resolve(node.source, span, builder);
  if (node.tag !== undefined) {
    const message = `the tag ${quoted(node.tag)} is not accepted; values are plain YAML 1.2`;
    error(builder.problems, 'FIELD_VALUE', span, message);
    return broken(span);
  }
  const { anchor } = node;
  const before = builder.size;
  builder.size += 1;
  if (anchor !== undefined) builder.anchors.set(anchor, null);
  const built = buildPlain(node, builder);
  if (anchor !== undefined) builder.anchors.set(anchor, { node: built, size: builder.size - before });
  return built;
}

function resolve(name: string, span: TextSpan, builder: Builder): TreeNode {
  const { problems } = builder;
  const target = builder.anchors.get(name);
  if (target === undefined)
    error(problems, 'NAME_UNKNOWN', span, `there is no anchor ${quoted(`&${name}`)} before this`);
  else if (target === null) error(problems, 'YAML_LIMIT', span, `the alias ${quoted(`*${name}`)} contains itself`);
  else if (builder.size + target.size > MOST_NODES) {
    error(problems, 'YAML_LIMIT', span, `with its aliases the file stands for more than ${MOST_NODES} values`);
  } else {
    builder.size += target.size;
    return target.node;
  }
  return broken(span);
}

function buildPlain(node: Exclude<ParsedNode, { type: 'alias' }>, builder: Builder): TreeNode {
  const span = spanOf(node);
  if (isMap(node)) return { kind: 'map', entries: builtEntries(node, builder), ...span };
  if (isSeq(node)) {
    return { kind: 'list', items: node.items.map((item) => build(item as ParsedNode, builder)), ...span };
  }
  if (!isScalar(node)) return broken(span);
  const { value } = node;
  if (typeof value === 'number' && !Number.isFinite(value)) {
    error(builder.problems, 'FIELD_VALUE', span, `${quoted(node.source ?? '')} is not a finite number`);
    return broken(span);
  }
  if (typeof value === 'string' && UNSAFE_VALUE.test(value)) {
    error(builder.problems, 'FIELD_VALUE', span, 'the text contains control characters or broken Unicode');
    return broken(span);
  }
  return { kind: 'scalar', value: value as ScalarNode['value'], source: node.source ?? '', ...span };
}

function builtEntries(map: YAMLMap, builder: Builder): Entry[] {
  const entries: Entry[] = [];
  const seen = new Set<string>();
  for (const pair of map.items as Pair<ParsedNode, ParsedNode | null>[]) {
    const keySpan = spanOf(pair.key);
    const key = keyOf(pair.key, builder);
    const value = pair.value === null ? emptyAt(keySpan.end) : build(pair.value, builder);
    if (key === undefined) continue;
    if (seen.has(key)) {
      error(builder.problems, 'NAME_DUPLICATE', keySpan, `${quoted(key)} is written twice in one mapping`);
      continue;
    }
    seen.add(key);
    entries.push({ key, keySpan, value });
  }
  return entries;
}

function keyOf(node: ParsedNode, builder: Builder): string | undefined {
  const { problems } = builder;
  const span = spanOf(node);
  const built = build(node, builder);
  if (built.kind === 'broken') return undefined;
  if (built.kind !== 'scalar' || built.value === null) {
    error(problems, 'FIELD_TYPE', span, 'a key must be plain text');
    return undefined;
  }
  const key = typeof built.value === 'string' ? built.value : built.source;
  if (key === '<<') {
    error(problems, 'FIELD_UNKNOWN', span, 'merge keys do not exist in YAML 1.2', 'write the fields out');
    return undefined;
  }
  if (UNSAFE_KEYS.has(key)) {
    error(problems, 'YAML_UNSAFE_KEY', span, `the key ${quoted(key)} is never accepted`);
    return undefined;
  }
  return key;
}
