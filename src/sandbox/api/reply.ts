import type { ContainerLog } from './container-log.ts';
import type { ApiError, Status, StatusDetails } from './errors.ts';
import type { JsonMap } from './json.ts';

/** What a handler answers; a followed log goes on being answered. A watch answers later and piece by piece, see watch.ts. */
export type Reply =
  | { readonly kind: 'object'; readonly code: number; readonly object: JsonMap; readonly warnings: readonly string[] }
  | { readonly kind: 'list'; readonly items: readonly JsonMap[]; readonly metadata: JsonMap }
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'raw'; readonly code: number; readonly contentType: string; readonly body: string | Buffer }
  | { readonly kind: 'log'; readonly log: ContainerLog; readonly tailLines: number | undefined };

/** Warnings go to the client in headers, and kubectl shows them. */
export function objectReply(object: JsonMap, code = 200, warnings: readonly string[] = []): Reply {
  return { kind: 'object', code, object, warnings };
}

export const PLAIN_TEXT = 'text/plain; charset=utf-8';

export function textReply(body: string | Buffer): Extract<Reply, { kind: 'raw' }> {
  return { kind: 'raw', code: 200, contentType: PLAIN_TEXT, body };
}

export function success(code: number, details?: StatusDetails): Reply {
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    ...(details === undefined ? {} : { details }),
    code,
  };
  return { kind: 'status', status };
}

export function failure(error: ApiError): Reply {
  return { kind: 'status', status: error.status };
}
