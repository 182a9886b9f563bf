import { messageOf } from '../model/errors.ts';
import { LinearPattern } from '../model/pattern/linear-pattern.ts';
import type { Draft, Path } from '../schema/draft.ts';
import { several } from '../schema/one-or-more.ts';
import { spanAt } from './checks.ts';
import { error, type Problems } from './problems.ts';
import type { GoodDocument } from './read-good.ts';
import { nodeAt, type TreeNode } from './yaml-tree.ts';

/** Checks what is written about good requests, which stands at `at`. */
export function checkGood(good: Draft<GoodDocument>, at: Path, root: TreeNode, problems: Problems): void {
  for (const { value, path } of several(good.status, [...at, 'status'])) checkRange(value, path, root, problems);
  for (const field of ['header', 'body'] as const) {
    for (const { value, path } of several<Checked>(good[field] as never, [...at, field])) {
      checkPattern(value.matches, [...path, 'matches'], root, problems);
    }
  }
  const { location } = good;
  if (typeof location === 'object') checkPattern(location.matches, [...at, 'location', 'matches'], root, problems);
  checkPointers(good, at, root, problems);
}

type Checked = { readonly pointer?: string; readonly matches?: string };

function checkRange(status: unknown, at: Path, root: TreeNode, problems: Problems): void {
  if (typeof status !== 'string') return;
  const [from = 0, to = 0] = status.split('-').map(Number);
  if (from > to || to > 599) error(problems, 'FIELD_VALUE', spanAt(root, at), `${status} is no range of status`);
}

function checkPattern(pattern: string | undefined, at: Path, root: TreeNode, problems: Problems): void {
  if (pattern === undefined) return;
  try {
    new LinearPattern(pattern);
  } catch (cause) {
    error(problems, 'FIELD_VALUE', spanAt(root, at), `this is no pattern that can be looked for: ${messageOf(cause)}`);
  }
}

/** A value of JSON has a place; only text can be looked at as a whole. */
function checkPointers(good: Draft<GoodDocument>, at: Path, root: TreeNode, problems: Problems): void {
  for (const { value, path } of several<Checked>(good.body as never, [...at, 'body'])) {
    if (value.pointer !== undefined || nodeAt(root, [...path, 'pointer']) !== undefined) continue;
    if (nodeAt(root, [...path, 'equals']) === undefined) continue;
    const hint = 'write `pointer: /status`, or look for a part of the text with `matches`';
    error(problems, 'FIELD_MISSING', spanAt(root, [...path, 'equals']), '`equals` needs the place of a value', hint);
  }
}
