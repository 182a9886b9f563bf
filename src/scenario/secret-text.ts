import { REDACTED } from '../model/redact.ts';
import { USERS } from '../model/without-user.ts';
import type { Path } from '../schema/draft.ts';
import { looseSpans } from './loose-headers.ts';
import { bodyLiterals } from './secret-bodies.ts';
import { secretLiterals } from './secret-headers.ts';
import type { TextSpan } from './source.ts';
import { withoutBom } from './source.ts';
import { readDocument } from './yaml-syntax.ts';
import { buildTree, type TreeNode } from './yaml-tree.ts';

/**
 * A scenario's text without the literal values of secret headers, those in comments included. It is still YAML, and reads
 * as the same scenario but for these values. `at` is where the text stands in a scenario, when it is only a part of one.
 */
export function redactSource(text: string, at: Path = []): string {
  return redacted(text, spansOf(text, at));
}

/** The same for a whole scenario whose tree was already read from its text. */
export function redactParsed(text: string, root: TreeNode): string {
  return redacted(
    text,
    shifted(text, (bare) => spansOfTree(bare, root, [])),
  );
}

const redacted = (text: string, spans: readonly TextSpan[]): string =>
  replaced(text, spans, (written) => `"${REDACTED}"${written.endsWith('\n') ? '\n' : ''}`);

/** The same for showing lines and columns: each character of a value becomes a dot, and of a user and a password in a URL. */
export function maskSource(text: string): string {
  const dots = (written: string) => written.replace(/\S/gu, '•');
  return replaced(text, spansOf(text, []), dots).replace(
    USERS,
    (found, scheme: string) => `${scheme}${dots(found.slice(scheme.length, -1))}@`,
  );
}

/** The parts of a text that are values of secret headers, in order, none inside another. */
function spansOf(text: string, at: Path): TextSpan[] {
  return shifted(text, (bare) => {
    const document = readDocument(bare, []);
    return document === undefined ? looseSpans(bare) : spansOfTree(bare, buildTree(document, []), at);
  });
}

/** Spans are found in the text without its byte order mark, and given in the whole. */
function shifted(original: string, find: (bare: string) => TextSpan[]): TextSpan[] {
  const bare = withoutBom(original);
  const shift = original.length - bare.length;
  return find(bare).map(({ start, end }) => ({ start: start + shift, end: end + shift }));
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

function replaced(text: string, spans: readonly TextSpan[], by: (written: string) => string): string {
  let done = 0;
  let result = '';
  for (const { start, end } of spans) {
    result += text.slice(done, start) + by(text.slice(start, end));
    done = end;
  }
  return result + text.slice(done);
}
