import { hideCredentials } from '../model/credentials.ts';
import { type ErrorCode, FaultlineError, messageOf } from '../model/errors.ts';
import { GRANT } from '../model/grant-words.ts';
import { isBusy } from '../model/http-status.ts';
import { redactor, tracesOf } from '../model/redact.ts';
import { retryAfterMs } from '../model/retry.ts';
import { visibleLine } from '../model/visible.ts';

/** What came in place of a success. `retryAfter`: the header of that name. */
export type Answer = { readonly status: number; readonly text: string; readonly retryAfter?: string | undefined };

/** An answer of an API server that is no success. */
export class KubeApiError extends FaultlineError {
  readonly status: number;
  /** An API server's own word for it (`NotFound`); undefined where something on the way has answered. */
  readonly reason: string | undefined;
  constructor(
    code: ErrorCode,
    {
      status,
      reason,
      retryAfter,
    }: { readonly status: number; readonly reason: string | undefined; readonly retryAfter?: string | undefined },
    message: string,
  ) {
    super(code, message, { hint: HINT_OF_STATUS[status], retryAfterMs: retryAfterMs(retryAfter) });
    this.status = status;
    this.reason = reason;
  }
}

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'PERMISSION_DENIED',
  403: 'PERMISSION_DENIED',
  409: 'FAULT_CONFLICT',
};

/** A patch is unprocessable when a `test` of it fails; anything else because the object itself is not valid. */
const UNPROCESSABLE = 422;

const HINT_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'The credentials of the kubeconfig context are not accepted.',
  403: `Grant the verb to the user of the kubeconfig context: ${GRANT}`,
};

/** Longest reason that is kept, in characters: a webhook may write what it likes. */
const LONGEST_REASON = 2_000;

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).toWellFormed()}… (${text.length} characters)`;
}

/** Turns an answer with a Status body (or whatever came instead) into an error that names cluster and object. */
export function apiError(
  cluster: string,
  { method, what }: { readonly method: string; readonly what: string },
  { status, text: body, retryAfter }: Answer,
): KubeApiError {
  const said = statusIn(body);
  const isFailedTest = status === UNPROCESSABLE && method === 'PATCH';
  const code = isFailedTest ? 'FAULT_CONFLICT' : (CODE_OF_STATUS[status] ?? 'KUBE_API');
  return new KubeApiError(
    code,
    { status, retryAfter, ...said },
    `cluster ${cluster}: ${what}: ${status} ${visibleLine(said.message)}`,
  );
}

/** An answer without what the request was signed with, which something on the way may say back. */
export function unsigned(answer: Answer, authorization: string | undefined): Answer {
  return { ...answer, text: redactor(tracesOf(authorization ?? ''))(answer.text) };
}

/** What an API server says in its Status. Proxies and load balancers answer in HTML; the first characters say enough. */
function statusIn(body: string): { readonly message: string; readonly reason: string | undefined } {
  try {
    const { kind, message, reason } = JSON.parse(body) as { kind?: unknown; message?: unknown; reason?: unknown };
    if (typeof message === 'string') {
      const isStatus = kind === 'Status' && typeof reason === 'string';
      return { message: shortened(message, LONGEST_REASON), reason: isStatus ? reason : undefined };
    }
  } catch {
    // It is no JSON.
  }
  return { message: body.slice(0, 200), reason: undefined };
}

/** Words a failure below HTTP as TARGET_UNREACHABLE; an error for people stays as it is. */
export function unreachable(
  { cluster, server, what }: { cluster: string; server: string; what: string },
  error: unknown,
): FaultlineError {
  if (error instanceof FaultlineError) return error;
  const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : '';
  // What it says may be the words of a program that was to give credentials.
  const why = hideCredentials(messageOf(error) + cause);
  return new FaultlineError('TARGET_UNREACHABLE', `cluster ${cluster}: ${what}: ${server} does not answer (${why})`, {
    hint: 'Check the network, and the credentials and context of its kubeconfig.',
    cause: error,
  });
}

/** True for errors that may pass when a read is tried again. */
export function isTransient(error: unknown): boolean {
  if (error instanceof KubeApiError) return isBusy(error);
  return error instanceof FaultlineError && error.code === 'TARGET_UNREACHABLE';
}

/** True when an API server itself has answered, whatever it said: what stands before it, such as a load balancer, says nothing of it. */
export function isApiAnswer(error: unknown): boolean {
  return error instanceof KubeApiError && error.reason !== undefined;
}

/** True when the API server itself says that the object does not exist: a 404 page on the way to it says nothing. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KubeApiError && error.status === 404 && error.reason === 'NotFound';
}
