import { type Document, isAlias, isCollection, isNode, isPair, isScalar, type Node, type Pair } from 'yaml';
import type { Path } from '../schema/draft.ts';
import { isSecretName, isVariable, SOURCES } from './secret-names.ts';
import type { TextSpan } from './source.ts';

/** A part of a file that may be a secret, by its place or its form, and what it says. */
export type SecretPart = TextSpan & { readonly said: string };

/** Far more than a file that is accepted can stand for. */
const MOST_NODES = 50_000;
const LONGEST_INDENT = 200;

/** The names above a value, and whether one of them says that it is a secret. */
type Place = { readonly names: readonly string[]; readonly isSecret: boolean };

const NOWHERE: Place = { names: [], isSecret: false };

type Walk = {
  readonly text: string;
  readonly parts: SecretPart[];
  readonly anchors: Map<string, Node>;
  /** What an alias is being followed to. */
  readonly open: Set<Node>;
  left: number;
};

/**
 * Everything in a document that stands where its names say that a secret is: in whatever shape, below keys that are there twice, and in
 * places that no file of ours has. What says where a secret comes from is none. `at` is where
 * the text stands in a file, when it is only a part of one.
 */
export function secretParts(document: Document, text: string, at: Path = []): SecretPart[] {
  const walk: Walk = { text, parts: [], anchors: new Map(), open: new Set(), left: MOST_NODES };
  follow(document.contents, placeAt(at), walk);
  return walk.parts;
}

/** Whether a text is a secret that stands in this place, or by its form. */
export function isSecretText(text: string, at: Path): boolean {
  return isSecretAt(placeAt(at), text);
}

function placeAt(at: Path): Place {
  const names = at.filter((step) => typeof step === 'string');
  return { names, isSecret: names.some((name, index) => saysSecret(name, names.slice(0, index))) };
}

function follow(node: unknown, place: Place, walk: Walk): void {
  walk.left -= 1;
  if (walk.left < 0) return;
  if (isAlias(node)) followAlias(node.source, node, place, walk);
  else if (isNode(node) && node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  if (isScalar(node) && isSecretAt(place, textOf(node))) note(node, walk);
  if (isScalar(node) && place.isSecret) noteLost(node, walk);
  if (!isCollection(node)) return;
  for (const item of node.items as readonly unknown[]) {
    if (isPair(item)) followPair(item, place, walk);
    else follow(item, place, walk);
  }
}

function followPair({ key, value }: Pair, { names, isSecret }: Place, walk: Walk): void {
  const name = textOf(key);
  if (isSecretAt(NOWHERE, name) || (isSecret && isOddKey(name, value))) note(key, walk);
  if (!isScalar(key)) follow(key, { names, isSecret }, walk);
  const place = { names: [...names, name], isSecret: isSecret || saysSecret(name, names) };
  if (value === null && place.isSecret) noteLost(key, walk);
  follow(value, place, walk);
}

function followAlias(name: string, alias: unknown, place: Place, walk: Walk): void {
  const target = walk.anchors.get(name);
  if (target === undefined && place.isSecret) {
    note(alias, walk);
    if (isNode(alias) && alias.range) noteLine(alias.range[1], /#/, walk);
  }
  if (target === undefined || walk.open.has(target) || !place.isSecret) return;
  walk.open.add(target);
  follow(target, place, walk);
  walk.open.delete(target);
}

function note(node: unknown, { parts }: Walk): void {
  if (!isNode(node) || !node.range) return;
  const [start, end] = node.range;
  if (end > start) parts.push({ start, end, said: isAlias(node) ? node.source : textOf(node) });
}

/** Behind the sign of a tag or a comment stands, lost for YAML, what was meant as a value or repeats one. */
function noteLost(node: unknown, walk: Walk): void {
  if (!isScalar(node) || !node.range) return;
  const [start, end] = node.range;
  const { tag } = node;
  const isTagged = tag?.startsWith('!') === true;
  if (isTagged) walk.parts.push({ start, end: start, said: tag });
  const isLost = isTagged || textOf(node) === '';
  let at = noteLine(isLost ? walk.text.lastIndexOf('\n', start - 1) + 1 : end, isLost ? /[!#]/ : /#/, walk);
  while (/^[ \t]*#/.test(walk.text.slice(at, at + LONGEST_INDENT))) at = noteLine(at, /#/, walk);
}

/** The rest of a line from a sign on; where the next one begins. */
function noteLine(at: number, sign: RegExp, { text, parts }: Walk): number {
  const next = text.indexOf('\n', at);
  const lineEnd = next === -1 ? text.length : next;
  const line = text.slice(at, lineEnd);
  const from = line.search(sign);
  if (from >= 0) parts.push({ start: at + from, end: lineEnd, said: line.slice(from).trim() });
  return lineEnd + 1;
}

/** As it is written where that is no text. */
function textOf(node: unknown): string {
  if (!isScalar(node)) return '';
  return typeof node.value === 'string' ? node.value : (node.source ?? '');
}

/** `key` alone says so only in TLS: elsewhere it is that of a label. */
function saysSecret(name: string, above: readonly string[]): boolean {
  if (/^key$/i.test(name)) return above.some((one) => /tls/i.test(one));
  return isSecretName(name) || (/^(?:url|uri|address)$/i.test(name) && above.some((one) => /webhook/i.test(one)));
}

/** A name and its value in one text, without the space that YAML asks for; no port and no version. */
const NAMED = /^([\w.-]{1,64})[:=]+(?!\/\/|v?\d+(?:\.|$))\S/;

function isSecretAt({ names, isSecret }: Place, text: string): boolean {
  if (/^(?:bearer|basic|negotiate|token|api-?key)\s+\S+$/i.test(text)) return true;
  const last = names.at(-1) ?? '';
  const before = NAMED.exec(text)?.[1];
  if (before !== undefined && isSecretName(before)) return true;
  if (!isSecret) return false;
  return last === 'env' ? !isVariable(text) : !SOURCES.has(last);
}

/** A key below a secret name that is no name of a field: it may be the secret itself. */
function isOddKey(name: string, value: unknown): boolean {
  return !SOURCES.has(name) && (!/^[A-Za-z/~_-]+$/.test(name) || value === null);
}
