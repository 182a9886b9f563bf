import type { Draft, Path } from '../schema/draft.ts';
import { spanAt } from './checks.ts';
import { error, type Problems } from './problems.ts';
import type { GoodDocument } from './read-good.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import { nodeAt, type TreeNode } from './yaml-tree.ts';

type LoadDraft = NonNullable<NonNullable<Draft<ScenarioDocument>['spec']>['load']>;
type PathDraft = NonNullable<NonNullable<LoadDraft['paths']>[number]>;
type Request = NonNullable<PathDraft['request']>;

const LOAD_GOOD = ['spec', 'load', 'good'];

/** Of one connection (RFC 9113, section 8.2.2): HTTP/2 has no such headers. */
const OF_HTTP_1 = ['keep-alive', 'proxy-connection', 'upgrade', 'http2-settings', 'te'];

/** Checks what a path that stands at `at` says of HTTP/2 and gRPC. */
export function checkHttp2(load: LoadDraft, path: PathDraft, at: Path, root: TreeNode, problems: Problems): void {
  const { request, good } = path;
  if (request === undefined) return;
  const refuse = (field: Path, message: string, hint?: string) =>
    error(problems, 'FIELD_VALUE', spanAt(root, field), message, hint);
  checkHeaders(request, [...at, 'request', 'headers'], refuse);
  if (request.grpc === undefined) {
    // A call with a problem of its own is no other request.
    if (good?.grpc === undefined || nodeAt(root, [...at, 'request', 'grpc']) !== undefined) return;
    refuse(
      [...at, 'good', 'grpc'],
      'this path is no call of gRPC',
      'write `grpc` in the request, or leave it out here',
    );
    return;
  }
  checkCall(request, [...at, 'request'], refuse);
  checkGrpcGood(good, [...at, 'good'], refuse);
  checkGrpcGood({ ...load.good, status: undefined }, LOAD_GOOD, refuse);
}

type Refuse = (field: Path, message: string, hint?: string) => void;

function checkHeaders({ grpc, protocol, headers = {} }: Request, at: Path, refuse: Refuse): void {
  if (grpc === undefined && protocol === undefined) return;
  for (const name of Object.keys(headers)) {
    const isOwn = grpc !== undefined && name.toLowerCase() === 'content-type';
    if (isOwn) refuse([...at, name], 'every call of gRPC has its own content type', 'leave it out');
    if (OF_HTTP_1.includes(name.toLowerCase())) refuse([...at, name], `HTTP/2 has no header ${name}`, 'leave it out');
  }
}

function checkCall({ grpc, method, protocol, body }: Request, at: Path, refuse: Refuse): void {
  if (method !== undefined) refuse([...at, 'method'], 'every call of gRPC is a POST', 'leave it out');
  if (protocol !== undefined) refuse([...at, 'protocol'], 'gRPC is always spoken over HTTP/2', 'leave it out');
  if (body === undefined) return;
  if (grpc?.health !== undefined) {
    refuse([...at, 'body'], 'the message to the health service follows from `health`', 'leave it out');
  } else if (typeof body === 'string' || body.file === undefined) {
    const hint = 'write `body: {file: ./message.binpb}`, made by protoc --encode or buf convert';
    refuse([...at, 'body'], 'a message of gRPC is protobuf, from a file', hint);
  }
}

function checkGrpcGood(good: Draft<GoodDocument> | undefined, at: Path, refuse: Refuse): void {
  const isOwn = at !== LOAD_GOOD;
  if (good?.status !== undefined) {
    refuse([...at, 'status'], 'the HTTP status of a call of gRPC is always 200', 'write `grpc: OK`, or leave it out');
  }
  for (const field of ['body', 'location'] as const) {
    if (good?.[field] === undefined) continue;
    const hint = isOwn ? 'look at `grpc` and `header`' : 'write it in `good` of the paths that it is for';
    refuse([...at, field], `an answer of gRPC has no ${field} that can be looked at`, hint);
  }
}
