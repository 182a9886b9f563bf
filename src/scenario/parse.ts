import type { Parsed } from '../model/errors.ts';
import type { Draft } from '../schema/draft.ts';
import type { Decoded, Schema } from '../schema/schema.ts';
import { decode } from './decode.ts';
import { toDiagnostics } from './diagnostics.ts';
import { error, hasErrors, type Problems } from './problems.ts';
import { withoutBom } from './source.ts';
import { readDocument } from './yaml-syntax.ts';
import { buildTree, nodeAt, type TreeNode } from './yaml-tree.ts';

/** One kind of file: its schema, the checks across fields, and what the harness is given in the end. */
type Format<S extends Schema<unknown>, T> = {
  readonly kind: 'Scenario' | 'Targets';
  readonly schema: S;
  /** Looks at whatever could be read, so that one mistake does not hide another. */
  readonly check: (draft: Draft<Decoded<S>>, root: TreeNode, problems: Problems) => void;
  /** Only called when there is no error: what is allowed and still not wise. */
  readonly advise: (document: Decoded<S>, value: T, root: TreeNode, problems: Problems) => void;
  readonly finish: (document: Decoded<S>, root: TreeNode) => T;
};

const OTHER = {
  Scenario: 'this is a scenario; give the targets file to `--target` and the scenario to `run`',
  Targets: 'this is a targets file; give it to `--target`, and a scenario as the file',
} as const;

/** Text to value, or every problem at once. Never throws, whatever the text. */
export function parseFile<S extends Schema<unknown>, T>(text: string, file: string, format: Format<S, T>): Parsed<T> {
  const problems: Problems = [];
  const root = readTree(withoutBom(text), problems);
  const document = root === undefined ? undefined : checkTree(root, format, problems);
  if (root === undefined || document === undefined || hasErrors(problems)) {
    return { ok: false, diagnostics: toDiagnostics(problems, file, text) };
  }
  const value = format.finish(document, root);
  format.advise(document, value, root, problems);
  return { ok: true, value, warnings: toDiagnostics(problems, file, text) };
}

function readTree(text: string, problems: Problems): TreeNode | undefined {
  const document = readDocument(text, problems);
  if (document === undefined) return undefined;
  const root = buildTree(document, problems);
  if (root.kind === 'map' || root.kind === 'broken') return root;
  const empty = root.kind === 'scalar' && root.value === null;
  const at = empty ? { start: 0, end: 1 } : { start: root.start, end: root.start + 1 };
  const hint = 'start with `faultline init`, or with `apiVersion: faultline/v1alpha1`';
  error(problems, 'FIELD_TYPE', at, empty ? 'the file is empty' : 'the file must be a mapping', hint);
  return undefined;
}

function checkTree<S extends Schema<unknown>, T>(root: TreeNode, format: Format<S, T>, problems: Problems) {
  if (isOtherKind(root, format.kind, problems)) return undefined;
  const draft = decode(format.schema, root, problems);
  if (draft === undefined) return undefined;
  format.check(draft, root, problems);
  // Without an error nothing was left out of the draft.
  return draft as Decoded<S>;
}

function isOtherKind(root: TreeNode, kind: 'Scenario' | 'Targets', problems: Problems): boolean {
  const other = kind === 'Scenario' ? 'Targets' : 'Scenario';
  const node = nodeAt(root, ['kind']);
  if (node?.kind !== 'scalar' || node.value !== other) return false;
  error(problems, 'KIND_UNKNOWN', node, `kind must be \`${kind}\`, not \`${other}\``, OTHER[other]);
  return true;
}
