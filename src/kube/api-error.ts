import { type ErrorCode, FaultlineError, messageOf } from '../model/errors.ts';

/** An answer of an API server that is no success. */
export class KubeApiError extends FaultlineError {
  readonly status: number;
  constructor(code: ErrorCode, status: number, message: string, hint?: string) {
    super(code, message, hint === undefined ? {} : { hint });
    this.status = status;
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
  403: 'Grant the verb to the user of the kubeconfig context; `faultline plan` lists what a scenario needs.',
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
  { status, text: body }: { readonly status: number; readonly text: string },
): KubeApiError {
  let reason = body.slice(0, 200);
  try {
    const parsed = JSON.parse(body) as { message?: unknown };
    if (typeof parsed.message === 'string') reason = shortened(parsed.message, LONGEST_REASON);
  } catch {
    // Proxies and load balancers answer in HTML; the first characters say enough.
  }
  const isFailedTest = status === UNPROCESSABLE && method === 'PATCH';
  const code = isFailedTest ? 'FAULT_CONFLICT' : (CODE_OF_STATUS[status] ?? 'KUBE_API');
  return new KubeApiError(code, status, `cluster ${cluster}: ${what}: ${status} ${reason}`, HINT_OF_STATUS[status]);
}

/** Words a failure below HTTP as TARGET_UNREACHABLE; an error for people stays as it is. */
export function unreachable(
  { cluster, server, what }: { cluster: string; server: string; what: string },
  error: unknown,
): FaultlineError {
  if (error instanceof FaultlineError) return error;
  const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : '';
  return new FaultlineError(
    'TARGET_UNREACHABLE',
    `cluster ${cluster}: ${what}: ${server} does not answer (${messageOf(error)}${cause})`,
    { hint: 'Check the kubeconfig context, the network and the credentials: kubectl version', cause: error },
  );
}

/** True for errors that may pass when a read is tried again. */
export function isTransient(error: unknown): boolean {
  if (error instanceof KubeApiError) return error.status === 429 || error.status >= 500;
  return error instanceof FaultlineError && error.code === 'TARGET_UNREACHABLE';
}

/** True when the API server says that the object does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KubeApiError && error.status === 404;
}
