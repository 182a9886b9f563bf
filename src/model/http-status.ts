/** What a server answers whom it does not know (RFC 9110, 15.5.2). Nothing was done then. */
const UNAUTHORIZED = 401;
/** What it answers who has asked too much (RFC 6585, 4). */
const TOO_MANY_REQUESTS = 429;

const statusOf = (error: unknown): unknown => (error as { readonly status?: unknown } | null | undefined)?.status;

/** Whether a server has not taken the credentials of a request, which it may take later: they are renewed, or its way to check them comes back. */
export function isUnauthenticated(error: unknown): boolean {
  return statusOf(error) === UNAUTHORIZED;
}

/** Whether a server, or what stands before it, could not do for now what it was asked for: 429, or any of 5xx. */
export function isBusy(error: unknown): boolean {
  const status = statusOf(error);
  return status === TOO_MANY_REQUESTS || (typeof status === 'number' && status >= 500);
}
