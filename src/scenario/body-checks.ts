import { hasPlace, pointerSteps } from '../model/json-pointer.ts';
import { BODY_LIMIT } from '../model/scenario.ts';
import type { Draft, Path } from '../schema/draft.ts';
import { spanAt } from './checks.ts';
import { error, type Problems } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import { nodeAt, type TreeNode } from './yaml-tree.ts';

type Paths = NonNullable<NonNullable<NonNullable<Draft<ScenarioDocument>['spec']>['load']>['paths']>;
type Request = NonNullable<NonNullable<Paths[number]>['request']>;

/** Methods whose requests have no body (RFC 9110, sections 9.3.1 and 9.3.2). */
const WITHOUT_BODY = ['GET', 'HEAD'];

/** Checks the body of a request that stands at `at`. */
export function checkBody(request: Request, at: Path, root: TreeNode, problems: Problems): void {
  const { method, body } = request;
  if (body === undefined) return;
  const here = [...at, 'body'];
  if (method !== undefined && WITHOUT_BODY.includes(method)) {
    const hint = 'write another method, or leave `method` out for POST';
    error(problems, 'FIELD_VALUE', spanAt(root, [...at, 'method']), `a ${method} request has no body`, hint);
  }
  const written = typeof body === 'string' ? body : JSON.stringify(body.json ?? '');
  if (Buffer.byteLength(written) > BODY_LIMIT) {
    error(problems, 'FIELD_VALUE', spanAt(root, here), 'the body is larger than 1 MiB');
  }
  if (typeof body !== 'string') checkSecrets(body, here, root, problems);
}

function checkSecrets(
  body: Exclude<NonNullable<Request['body']>, string>,
  at: Path,
  root: TreeNode,
  problems: Problems,
): void {
  const pointers = Object.keys(body.secrets ?? {});
  if (pointers.length === 0) return;
  if (nodeAt(root, [...at, 'json']) === undefined) {
    const hint = 'a text or file with secrets in it comes from the environment as a whole: `body: {env: NAME}`';
    error(problems, 'FIELD_VALUE', spanAt(root, [...at, 'secrets']), '`secrets` are texts in `json`', hint);
    return;
  }
  const { json } = body;
  if (json === undefined) return;
  for (const pointer of pointers) {
    const steps = pointerSteps(pointer);
    if (steps === undefined || hasPlace(json as never, steps)) continue;
    error(problems, 'NAME_UNKNOWN', spanAt(root, [...at, 'secrets', pointer]), `nothing in the JSON holds ${pointer}`);
  }
}
