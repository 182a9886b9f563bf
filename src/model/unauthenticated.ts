/** What a server answers whom it does not know (RFC 9110, 15.5.2). Nothing was done then. */
const UNAUTHORIZED = 401;

/** Whether a server has not taken the credentials of a request, which it may take later: they are renewed, or its way to check them comes back. */
export function isUnauthenticated(error: unknown): boolean {
  return (error as { readonly status?: unknown } | null | undefined)?.status === UNAUTHORIZED;
}
