import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../model/ports.ts';
import { decodeBody, readBody } from './body.ts';
import type { ServerContext } from './context.ts';
import { ApiError, badRequest, methodNotAllowed, unknownPath } from './errors.ts';
import { checkAccess, handleResource } from './handle.ts';
import { mapOf } from './json.ts';
import {
  createAttemptCounter,
  type Misbehave,
  type MisbehaveRequest,
  type RequestFault,
  type WatchFault,
} from './misbehave.ts';
import { type Accepted, negotiate } from './negotiate.ts';
import { documentReply, healthReply, type PlainRequest } from './non-resource.ts';
import { failure, objectReply, type Reply } from './reply.ts';
import { type Body, kindOf, type Target } from './request.ts';
import type { ReviewKind } from './review-kinds.ts';
import { answerReview, findReview } from './reviews.ts';
import { routeResource } from './route.ts';
import { serveExec } from './serve-exec.ts';
import { serveWatch } from './serve-watch.ts';
import { administrator, type User } from './users.ts';
import type { Watch } from './watch.ts';
import { isWebSocket } from './web-socket.ts';
import { faultReply, writeReply, writeTruncated } from './write-reply.ts';

export type ExchangeOptions = {
  /** The administrator's. */
  readonly token: string | undefined;
  /** By bearer token. */
  readonly users: ReadonlyMap<string, User>;
  readonly misbehave: Misbehave;
};

/** Answers HTTP requests; keeps the open watches. */
export type Exchange = {
  answer(message: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Takes a request that wants another protocol on its connection: a command in a container over a WebSocket. */
  upgrade(message: IncomingMessage, socket: Duplex): Promise<void>;
  openWatches(): number;
  breakWatches(fault: WatchFault): void;
  stop(): void;
};

type Asked = Omit<MisbehaveRequest, 'attempt'>;
type Answer = { readonly reply: Reply; readonly target: Target | undefined; readonly accepted: Accepted };
type Line = { readonly message: IncomingMessage; readonly response: ServerResponse };

/** What a proxied request carries is for the pod alone. */
const NO_BODY: Body = { contentType: '', value: undefined };
const PLAIN: Accepted = { format: 'json', as: 'Object', version: 'v1' };

/** The way of a request: health, token, route, misbehaviour, access, handler, answer. */
export function createExchange(context: ServerContext, { token, users, misbehave }: ExchangeOptions): Exchange {
  const admin = administrator();
  const userOf = (message: IncomingMessage): User => identify(message, { token, users, admin });
  const watches = new Set<Watch>();
  const attemptOf = createAttemptCounter();
  const { clock } = context;

  /** Lets misbehaviour act before and after the real work, which gives undefined when it answers by itself. */
  const perform = async (asked: Asked, line: Line, work: () => Promise<Answer | undefined>): Promise<void> => {
    const fault = misbehave.request?.({ ...asked, attempt: attemptOf(asked) });
    if (fault !== undefined && (await interceptFault(fault, line, clock))) return;
    const answer = await work();
    if (answer === undefined) return;
    const { reply, target, accepted } = answer;
    if (fault?.kind === 'reset-after') line.message.socket.destroy();
    else if (fault?.kind === 'truncate') writeTruncated(line.response, reply, { target, accepted, clock });
    else writeReply(line.response, reply, { target, accepted, clock });
  };

  const resource = async (target: Target, user: User, { message, response }: Line): Promise<Answer | undefined> => {
    checkAccess(target, user, context);
    const accepted = target.subresource === undefined ? negotiate(message.headers.accept) : PLAIN;
    if (target.verb === 'watch') {
      serveWatch({ target, accepted, context, misbehave, response, watches });
      return undefined;
    }
    const { method = 'GET', headers } = message;
    const bytes = await readBody(message);
    const passed = { method, contentType: headers['content-type'], body: bytes };
    const body = target.subresource === 'proxy' ? NO_BODY : decodeBody(bytes, headers['content-type'], method);
    const reply = await handleResource({ ...target, body, passed }, context);
    return { reply, target, accepted };
  };

  const route = async (line: Line): Promise<void> => {
    const { message, response } = line;
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://localhost');
    const health = healthReply(pathname);
    const user = health === undefined ? userOf(message) : admin;
    const plain = health ?? documentReply(plainRequest(message, pathname));
    const review = findReview(pathname);
    if (plain !== undefined) {
      writeReply(response, plain, { target: undefined, accepted: PLAIN, clock });
    } else if (review !== undefined) {
      const kind = { apiVersion: `${review.group}/${review.version}`, kind: review.kind };
      const asked: Asked = { verb: 'create', kind, namespace: undefined, name: undefined, subresource: undefined };
      await perform(asked, line, async () => ({
        reply: await reviewReply(review, { message, user }, context),
        target: undefined,
        accepted: PLAIN,
      }));
    } else {
      const target = routeResource(message.method ?? 'GET', pathname, searchParams);
      await perform(askedOf(target), line, () => resource(target, user, line));
    }
  };

  return {
    async answer(message, response) {
      try {
        await route({ message, response });
      } catch (error) {
        writeReply(response, failure(asApiError(error)), { target: undefined, accepted: PLAIN, clock });
      }
    },
    upgrade: (message, socket) => upgrade(message, socket, context, userOf),
    openWatches: () => watches.size,
    breakWatches(fault) {
      for (const watch of [...watches]) watch.breakDown(fault);
    },
    stop() {
      for (const watch of watches) watch.stop();
      watches.clear();
    },
  };
}

type Known = Pick<ExchangeOptions, 'token' | 'users'> & { readonly admin: User };

/** kubectl sends no token over plain HTTP (client-go tools/clientcmd): without one it is the administrator. */
function identify({ headers }: IncomingMessage, { token, users, admin }: Known): User {
  const sent = headers.authorization?.replace(/^Bearer /, '');
  if (sent === undefined || token === undefined || sent === token) return admin;
  const user = users.get(sent);
  if (user === undefined) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
  return user;
}

async function upgrade(
  message: IncomingMessage,
  socket: Duplex,
  context: ServerContext,
  userOf: (message: IncomingMessage) => User,
): Promise<void> {
  try {
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://localhost');
    const target = routeResource('GET', pathname, searchParams);
    if (target.subresource !== 'exec' || !isWebSocket(message)) throw badRequest('no such upgrade here');
    // Since Kubernetes 1.35 both are asked for (AuthorizePodWebsocketUpgradeCreatePermission).
    const user = userOf(message);
    for (const verb of ['get', 'create'] as const) checkAccess({ ...target, verb }, user, context);
    await serveExec(target, context, message, socket);
  } catch (error) {
    const { status } = asApiError(error);
    socket.end(`HTTP/1.1 ${status.code} ${status.reason}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  }
}

function askedOf(target: Target): Asked {
  const { verb, namespace, name, subresource } = target;
  return { verb, kind: kindOf(target), namespace, name, subresource };
}

/** Lets the fault act that comes before the real work. True when it has dealt with the request. */
async function interceptFault(fault: RequestFault, { message, response }: Line, clock: Clock): Promise<boolean> {
  if (fault.kind === 'delay') await clock.sleep(fault.ms);
  if (fault.kind === 'reset-before') message.socket.destroy();
  const ready = faultReply(fault);
  if (ready !== undefined) writeReply(response, ready, { target: undefined, accepted: PLAIN, clock });
  return ready !== undefined || fault.kind === 'hang' || fault.kind === 'reset-before';
}

function plainRequest({ method = 'GET', headers }: IncomingMessage, path: string): PlainRequest {
  return { method, path, accept: headers.accept ?? '', address: headers.host ?? '' };
}

async function reviewReply(
  review: ReviewKind,
  { message, user }: { message: IncomingMessage; user: User },
  { deny }: ServerContext,
): Promise<Reply> {
  if (message.method !== 'POST') throw methodNotAllowed();
  const { value } = decodeBody(await readBody(message), message.headers['content-type'], 'POST');
  return objectReply(answerReview(review, mapOf(value), { user, deny }), 201);
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof URIError || (error instanceof TypeError && error.message === 'Invalid URL'))
    return unknownPath();
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ reason: 'UnexpectedServerResponse', message }],
  });
}
