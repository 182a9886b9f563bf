import { hasPlace, pointerSteps } from '../model/json-pointer.ts';
import { BODY_LIMIT } from '../model/scenario.ts';
import type { Draft, Path } from '../schema/draft.ts';
import { spanAt } from './checks.ts';
import { error, type Problems, warning } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import { nodeAt, type TreeNode } from './yaml-tree.ts';

type Paths = NonNullable<NonNullable<NonNullable<Draft<ScenarioDocument>['spec']>['load']>['paths']>;
type Request = NonNullable<NonNullable<Paths[number]>['request']>;

/** Methods whose requests have no body (RFC 9110, sections 9.3.1 and 9.3.2). */
const WITHOUT_BODY = ['GET', 'HEAD'];
const USUALLY_WITH_BODY = ['POST', 'PUT', 'PATCH'];

/** Checks the body of a request that stands at `at`; a script sends bodies of its own. */
export function checkBody(request: Request, hasScript: boolean, at: Path, root: TreeNode, problems: Problems): void {
  const { method, body } = request;
  if (body === undefined) {
    if (request.grpc === undefined && !hasScript) checkNoBody(method, at, root, problems);
    return;
  }
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

/** An order without its body is answered by a 400, or by a 200 that has ordered nothing. */
function checkNoBody(method: string | undefined, at: Path, root: TreeNode, problems: Problems): void {
  if (method === undefined || !USUALLY_WITH_BODY.includes(method)) return;
  const what = `this ${method} request has no body: nothing is sent with it`;
  const hint = 'if it needs one: `body: "a=1"`, `body: {json: {a: 1}}` or `body: {file: ./order.json}` beside `method`';
  warning(problems, 'FIELD_VALUE', spanAt(root, [...at, 'method']), what, hint);
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
