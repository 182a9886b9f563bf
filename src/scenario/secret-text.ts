import { REDACTED } from '../model/redact.ts';
import type { Path } from '../schema/draft.ts';
import { looseSpans } from './loose-headers.ts';
import { bodyLiterals } from './secret-bodies.ts';
import { secretLiterals } from './secret-headers.ts';
import type { TextSpan } from './source.ts';
import { withoutBom } from './source.ts';
import type { readDocument } from './yaml-syntax.ts';
import { buildTree, type TreeNode } from './yaml-tree.ts';

/**
 * The text of a whole scenario, whose tree was read from it, without the literal values of secret headers, those in comments included. It
 * is still YAML, and reads as the same scenario but for these values.
 */
export function redactParsed(text: string, root: TreeNode): string {
  const bare = withoutBom(text);
  return `${text.slice(0, text.length - bare.length)}${redacted(bare, spansOfTree(bare, root, []))}`;
}

/** A text with a mark in place of these parts, which are in order, none inside another: YAML as before. */
export const redacted = (text: string, spans: readonly TextSpan[]): string =>
  replaced(text, spans, (written) => `"${REDACTED}"${written.endsWith('\n') ? '\n' : ''}`);

/**
 * The parts of a text without its byte order mark that are values of secret headers, in order, none inside another. `at` is where the
 * text stands in a scenario, when it is only a part of one.
 */
export function spansIn(bare: string, document: ReturnType<typeof readDocument>, at: Path): TextSpan[] {
  return document === undefined ? looseSpans(bare) : spansOfTree(bare, buildTree(document, []), at);
}

function spansOfTree(text: string, root: TreeNode, at: Path): TextSpan[] {
  // What is left when every key and value is blank are comments.
  const rest = replaced(text, distinct(scalarsOf(root)), (written) => written.replace(/[^\n\r]/g, ' '));
  const comments = looseSpans(rest.replace(/^[^#\n\r]+/gm, (part) => ' '.repeat(part.length)));
  return distinct([...secretLiterals(root, at), ...bodyLiterals(root, at), ...comments]);
}

function scalarsOf(node: TreeNode): TextSpan[] {
  if (node.kind === 'map') return node.entries.flatMap(({ keySpan, value }) => [keySpan, ...scalarsOf(value)]);
  return node.kind === 'list' ? node.items.flatMap(scalarsOf) : [node];
}

/** Aliases of one value give its place more than once. */
function distinct(spans: readonly TextSpan[]): TextSpan[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
  let done = 0;
  return sorted.filter(({ start, end }) => {
    if (start < done) return false;
    done = Math.max(done, end);
    return true;
  });
}

/** A text with something else in place of these parts, which are in order, none inside another. */
export function replaced(text: string, spans: readonly TextSpan[], by: (written: string) => string): string {
  let done = 0;
  let result = '';
  for (const { start, end } of spans) {
    result += text.slice(done, start) + by(text.slice(start, end));
    done = end;
  }
  return result + text.slice(done);
}
