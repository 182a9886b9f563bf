import type { Path } from '../schema/draft.ts';
import { spanAt } from './checks.ts';
import { createSource, type Location, withoutBom } from './source.ts';
import { readDocument } from './yaml-syntax.ts';
import { buildTree } from './yaml-tree.ts';

/**
 * Where the value of a field stands in the text of a file that could be read, for problems that only show outside of it:
 * line and column count from 1. The nearest field around it when it is left out.
 */
export function locate(text: string, path: Path): Location {
  const document = readDocument(withoutBom(text), []);
  const at = document === undefined ? { start: 0, end: 1 } : spanAt(buildTree(document, []), path);
  return createSource(text).locate(at);
}
