import type { Draft } from '../schema/draft.ts';
import { spanAt } from './checks.ts';
import { quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import { nodeAt, type TreeNode } from './yaml-tree.ts';

type LoadDraft = NonNullable<NonNullable<Draft<ScenarioDocument>['spec']>['load']>;

const LOAD = ['spec', 'load'];

/** Checks that the engine can do what is asked of the load. */
export function checkLoad(load: LoadDraft, root: TreeNode, problems: Problems): void {
  checkEngine(load, root, problems);
  checkConnections(load, root, problems);
}

function checkEngine({ engine, script, dashboard }: LoadDraft, root: TreeNode, problems: Problems): void {
  // An engine that is written and not here has a problem of its own.
  if (engine === undefined && isWritten(root, 'engine')) return;
  const sender = engine ?? 'undici';
  const refuse = (field: string, needed: string): void => {
    const message = `spec.load.${field} needs ${needed}, and the engine is ${quoted(sender)}`;
    error(problems, 'FIELD_VALUE', spanAt(root, [...LOAD, field]), message, 'write `engine: k6`');
  };
  if (script !== undefined && sender !== 'k6' && sender !== 'k6-operator') refuse('script', '`k6` or `k6-operator`');
  if (dashboard === true && sender !== 'k6') refuse('dashboard', '`k6`');
}

/** The harness's own k6 extension sends each request once; k6's own HTTP client does so over fresh connections only. */
function checkConnections({ engine, script, connections }: LoadDraft, root: TreeNode, problems: Problems): void {
  const ownClient = script === undefined ? 'engine' : 'script';
  if (connections !== 'kept' || (ownClient === 'engine' && engine !== 'k6-operator')) return;
  const at = spanAt(root, [...LOAD, isWritten(root, 'connections') ? 'connections' : ownClient]);
  const what = ownClient === 'script' ? 'spec.load.script' : 'the engine `k6-operator`';
  const message = `${what} needs fresh connections: over kept ones k6's own HTTP client sends a request again by itself and hides the error`;
  error(problems, 'FIELD_VALUE', at, message, 'write `connections: fresh`');
}

function isWritten(root: TreeNode, field: string): boolean {
  return nodeAt(root, [...LOAD, field]) !== undefined;
}
