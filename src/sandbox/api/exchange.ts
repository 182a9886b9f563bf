import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { decodeBody, readBody } from './body.ts';
import type { ServerContext } from './context.ts';
import { ApiError, badRequest, methodNotAllowed, unknownPath } from './errors.ts';
import { checkAccess, handleResource } from './handle.ts';
import { mapOf } from './json.ts';
import { type Accepted, negotiate } from './negotiate.ts';
import { documentReply, healthReply, nobodysReply, type PlainRequest } from './non-resource.ts';
import { failure, objectReply, type Reply } from './reply.ts';
import type { Body, ResourceRequest } from './request.ts';
import type { ReviewKind } from './review-kinds.ts';
import { answerReview, findReview } from './reviews.ts';
import { routeResource, splitApiPath } from './route.ts';
import { serveExec } from './serve-exec.ts';
import { servePortForward } from './serve-port-forward.ts';
import { serveWatch } from './serve-watch.ts';
import { isEstablished, isVersionServed, servedResources } from './served.ts';
import type { User, UserOf } from './users.ts';
import type { Watch } from './watch.ts';
import { isWebSocket } from './web-socket.ts';
import { writeReply } from './write-reply.ts';

/** Takes an HTTP request; resolves when it is answered or, of a watch or a followed log, when the answer has begun. */
export type Handler = (message: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Answers HTTP requests; keeps the open watches. */
type Exchange = {
  readonly answer: Handler;
  /** Takes a request that wants another protocol on its connection: a command in a container, or a port of a pod, over a WebSocket. */
  upgrade(message: IncomingMessage, socket: Duplex): Promise<void>;
  stop(): void;
};

type Answer = { readonly reply: Reply; readonly target: ResourceRequest | undefined; readonly accepted: Accepted };
type HttpCall = { readonly message: IncomingMessage; readonly response: ServerResponse };

/** What a proxied request carries is for the pod alone. */
const NO_BODY: Body = { contentType: '', value: undefined };
const PLAIN: Accepted = { format: 'json', as: 'Object', version: 'v1' };

/** The way of a request: health, token, route, access, handler, answer. */
export function createExchange(context: ServerContext, userOf: UserOf): Exchange {
  const watches = new Set<Watch>();
  const upgraded = new Set<Duplex>();
  const { clock } = context;

  const senderOf = ({ headers }: IncomingMessage): User => {
    const user = userOf(headers.authorization?.replace(/^Bearer /, ''));
    if (user === undefined) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
    return user;
  };

  /** Undefined for a watch, which goes on being answered. */
  const resource = async (
    target: ResourceRequest,
    user: User,
    { message, response }: HttpCall,
  ): Promise<Answer | undefined> => {
    checkAccess(target, user);
    const accepted = target.subresource === undefined ? negotiate(message.headers.accept) : PLAIN;
    if (target.verb === 'watch') {
      serveWatch({ target, accepted, context, response, watches });
      return undefined;
    }
    const { method = 'GET', headers } = message;
    const bytes = await readBody(message);
    const passed = { method, contentType: headers['content-type'], body: bytes };
    const body = target.subresource === 'proxy' ? NO_BODY : decodeBody(bytes, headers['content-type'], method);
    const reply = await handleResource({ ...target, body, passed }, context);
    return { reply, target, accepted };
  };

  const route = async (call: HttpCall): Promise<Answer | undefined> => {
    const { message } = call;
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://localhost');
    const health = healthReply(pathname);
    if (health !== undefined) return plainAnswer(health);
    const user = senderOf(message);
    const document = documentReply(plainRequest(message, pathname, context));
    if (document !== undefined) return plainAnswer(document);
    const review = findReview(pathname);
    if (review !== undefined) return plainAnswer(await reviewReply(review, message, user));
    const apiVersion = splitApiPath(pathname)?.apiVersion;
    if (apiVersion === undefined || !isVersionServed(context.store, apiVersion)) return plainAnswer(nobodysReply());
    const target = routeResource(message.method ?? 'GET', pathname, searchParams);
    if (!isEstablished(context.store, target.resource)) throw unknownPath();
    return resource(target, user, call);
  };

  return {
    async answer(message, response) {
      try {
        const answer = await route({ message, response });
        if (answer !== undefined) writeReply(response, answer.reply, { ...answer, clock });
      } catch (error) {
        writeReply(response, failure(asApiError(error)), { target: undefined, accepted: PLAIN, clock });
      }
    },
    async upgrade(message, socket) {
      upgraded.add(socket);
      socket.once('close', () => upgraded.delete(socket));
      await upgrade(message, socket, context, senderOf);
    },
    stop() {
      for (const watch of watches) watch.stop();
      for (const socket of upgraded) socket.destroy();
      watches.clear();
    },
  };
}

const UPGRADES: Readonly<Record<string, typeof serveExec>> = { exec: serveExec, portforward: servePortForward };

async function upgrade(
  message: IncomingMessage,
  socket: Duplex,
  context: ServerContext,
  senderOf: (message: IncomingMessage) => User,
): Promise<void> {
  try {
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://localhost');
    const target = routeResource('GET', pathname, searchParams);
    const { subresource } = target;
    const serve = subresource === undefined ? undefined : UPGRADES[subresource];
    if (serve === undefined || !isWebSocket(message)) throw badRequest('no such upgrade here');
    // Since Kubernetes 1.35 both are asked for (AuthorizePodWebsocketUpgradeCreatePermission).
    const user = senderOf(message);
    for (const verb of ['get', 'create'] as const) checkAccess({ ...target, verb }, user);
    await serve(target, context, message, socket);
  } catch (error) {
    const { status } = asApiError(error);
    socket.end(`HTTP/1.1 ${status.code} ${status.reason}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  }
}

function plainAnswer(reply: Reply): Answer {
  return { reply, target: undefined, accepted: PLAIN };
}

function plainRequest(
  { method = 'GET', headers }: IncomingMessage,
  path: string,
  { store, version }: ServerContext,
): PlainRequest {
  const served = () => servedResources(store);
  return { method, path, accept: headers.accept ?? '', address: headers.host ?? '', version, served };
}

async function reviewReply(review: ReviewKind, message: IncomingMessage, user: User): Promise<Reply> {
  if (message.method !== 'POST') throw methodNotAllowed();
  const { value } = decodeBody(await readBody(message), message.headers['content-type'], 'POST');
  return objectReply(answerReview(review, mapOf(value), user), 201);
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
