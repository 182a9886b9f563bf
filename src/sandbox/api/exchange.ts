import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeBody, readBody } from './body.ts';
import type { ServerContext } from './context.ts';
import { ApiError, unknownPath } from './errors.ts';
import { checkAccess, handleResource } from './handle.ts';
import { createAttemptCounter, type Misbehave, type RequestFault, type WatchFault } from './misbehave.ts';
import { type Accepted, negotiate } from './negotiate.ts';
import { healthReply, nonResourceReply } from './non-resource.ts';
import { failure, type Reply } from './reply.ts';
import { kindOf, type Target } from './request.ts';
import { routeResource } from './route.ts';
import { serveWatch } from './serve-watch.ts';
import type { Watch } from './watch.ts';
import { faultReply, writeReply, writeTruncated } from './write-reply.ts';

export type ExchangeOptions = { readonly token: string | undefined; readonly misbehave: Misbehave };

/** Answers HTTP requests; keeps the open watches. */
export type Exchange = {
  answer(message: IncomingMessage, response: ServerResponse): Promise<void>;
  breakWatches(fault: WatchFault): void;
  stop(): void;
};

type Line = { readonly message: IncomingMessage; readonly response: ServerResponse };

const PLAIN: Accepted = { format: 'json', as: 'Object', version: 'v1' };

/** The way of a request: health, token, route, misbehaviour, access, handler, answer. */
export function createExchange(context: ServerContext, { token, misbehave }: ExchangeOptions): Exchange {
  const watches = new Set<Watch>();
  const attemptOf = createAttemptCounter();
  const { clock } = context;

  const faultOf = (target: Target): RequestFault | undefined => {
    const { verb, namespace, name, subresource } = target;
    const request = { verb, kind: kindOf(target), namespace, name, subresource };
    const attempt = attemptOf(request);
    return misbehave.request?.({ ...request, attempt });
  };

  /** Lets the fault act that comes before the real work. True when it has dealt with the request. */
  const intercept = async (fault: RequestFault, { message, response }: Line, target: Target): Promise<boolean> => {
    if (fault.kind === 'delay') await clock.sleep(fault.ms);
    if (fault.kind === 'reset-before') message.socket.destroy();
    const ready = faultReply(fault);
    if (ready !== undefined) writeReply(response, ready, { target, accepted: PLAIN, clock });
    return ready !== undefined || fault.kind === 'hang' || fault.kind === 'reset-before';
  };

  const respond = async (target: Target, line: Line): Promise<void> => {
    const { message, response } = line;
    const fault = faultOf(target);
    if (fault !== undefined && (await intercept(fault, line, target))) return;
    checkAccess(target, context);
    const accepted = target.subresource === undefined ? negotiate(message.headers.accept) : PLAIN;
    if (target.verb === 'watch') {
      serveWatch({ target, accepted, context, misbehave, response, watches });
      return;
    }
    const body = decodeBody(await readBody(message), message.headers['content-type'], message.method ?? 'GET');
    const reply = await handleResource({ ...target, body, userAgent: message.headers['user-agent'] ?? '' }, context);
    if (fault?.kind === 'reset-after') message.socket.destroy();
    else if (fault?.kind === 'truncate') writeTruncated(response, reply, { target, accepted, clock });
    else writeReply(response, reply, { target, accepted, clock });
  };

  const route = async ({ message, response }: Line): Promise<void> => {
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://localhost');
    const health = healthReply(pathname);
    if (health === undefined) checkToken(message, token);
    const plain = health ?? (await plainReply(message, pathname, context));
    if (plain !== undefined) writeReply(response, plain, { target: undefined, accepted: PLAIN, clock });
    else await respond(routeResource(message.method ?? 'GET', pathname, searchParams), { message, response });
  };

  return {
    async answer(message, response) {
      try {
        await route({ message, response });
      } catch (error) {
        writeReply(response, failure(asApiError(error)), { target: undefined, accepted: PLAIN, clock });
      }
    },
    breakWatches(fault) {
      for (const watch of [...watches]) watch.breakDown(fault);
    },
    stop() {
      for (const watch of watches) watch.stop();
      watches.clear();
    },
  };
}

/** kubectl sends no token over plain HTTP (client-go tools/clientcmd), so none is accepted; a wrong one is not. */
function checkToken({ headers }: IncomingMessage, token: string | undefined): void {
  if (token === undefined || headers.authorization === undefined || headers.authorization === `Bearer ${token}`) return;
  throw new ApiError(401, 'Unauthorized', 'Unauthorized');
}

function plainReply(message: IncomingMessage, path: string, context: ServerContext): Promise<Reply | undefined> {
  const { method = 'GET', headers } = message;
  return nonResourceReply(
    {
      method,
      path,
      accept: headers.accept ?? '',
      address: headers.host ?? '',
      body: async () => decodeBody(await readBody(message), headers['content-type'], method).value,
    },
    context,
  );
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
