import type { Path } from '../schema/draft.ts';
import type { JsonSchema } from '../schema/schema.ts';
import { printable } from './printable.ts';
import type { TextSpan } from './source.ts';
import type { TreeNode } from './yaml-tree.ts';

/** A value while it is checked: where it is in the document, and the key it stands under. */
export type Cursor = { readonly node: TreeNode; readonly path: Path; readonly key?: TextSpan; readonly above?: Above };

/** A mapping that something stands in, with what that stands in. */
export type Above = { readonly schema: JsonSchema; readonly path: Path; readonly above?: Above };

/** `spec.faults[0].name`, for sentences. */
export function pathText(path: Path): string {
  if (path.length === 0) return 'the file';
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  const name = printable(text.replace(/^\./, ''));
  return name.length > 120 ? `…${name.slice(-119)}` : name;
}

/** Where a problem of the value itself is shown; an empty value is shown at its key. */
export function valueSpan({ node, key }: Cursor): TextSpan {
  return node.start === node.end && key !== undefined ? key : node;
}

/** Where a problem of a whole mapping or list is shown: at its key, or at its first character. */
export function ownerSpan({ node, key }: Cursor): TextSpan {
  if (key !== undefined) return key;
  const first = node.kind === 'map' ? node.entries[0]?.keySpan : undefined;
  return first !== undefined && first.start === node.start ? first : { start: node.start, end: node.start + 1 };
}
