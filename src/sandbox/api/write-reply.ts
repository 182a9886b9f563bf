import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import type { Clock } from '../../model/ports.ts';
import type { JsonMap } from './json.ts';
import type { Accepted } from './negotiate.ts';
import { present } from './present.ts';
import { PLAIN_TEXT, type Reply } from './reply.ts';
import type { ResourceRequest } from './request.ts';
import { logText, streamLog } from './serve-log.ts';

type ReplyContext = {
  /** Undefined for what is no resource. */
  readonly target: ResourceRequest | undefined;
  readonly accepted: Accepted;
  readonly clock: Clock;
};

type Encoded = { readonly code: number; readonly headers: OutgoingHttpHeaders; readonly body: Buffer };

/** Sends a reply; a followed log stays open. */
export function writeReply(response: ServerResponse, reply: Reply, context: ReplyContext): void {
  if (response.headersSent || response.destroyed) return;
  if (reply.kind === 'log') {
    response.writeHead(200, { 'content-type': PLAIN_TEXT });
    streamLog(response, reply.log, reply.tailLines);
    return;
  }
  const { code, headers, body } = encode(reply, context);
  response.writeHead(code, { ...headers, 'content-length': body.length });
  response.end(body);
}

function encode(reply: Reply, context: ReplyContext): Encoded {
  if (reply.kind === 'raw') {
    return { code: reply.code, headers: { 'content-type': reply.contentType }, body: Buffer.from(reply.body) };
  }
  if (reply.kind === 'log') {
    return { code: 200, headers: { 'content-type': PLAIN_TEXT }, body: logText(reply.log, reply.tailLines) };
  }
  const headers: OutgoingHttpHeaders = { 'content-type': 'application/json', 'cache-control': 'no-cache, private' };
  if (reply.kind === 'status') {
    const { code, details } = reply.status;
    if (details?.retryAfterSeconds !== undefined) headers['retry-after'] = String(details.retryAfterSeconds);
    return { code, headers, body: jsonBytes(reply.status) };
  }
  if (reply.kind === 'object' && reply.warnings.length > 0) {
    // Node's type knows one value; a header may come several times.
    Object.assign(headers, { warning: reply.warnings.map(warningHeader) });
  }
  const { target, accepted, clock } = context;
  const document = target === undefined ? plainDocument(reply) : present(reply, target, accepted, clock);
  const code = reply.kind === 'object' ? reply.code : 200;
  if (accepted.format !== 'yaml') return { code, headers, body: jsonBytes(document) };
  headers['content-type'] = 'application/yaml';
  return { code, headers, body: Buffer.from(stringify(document, { aliasDuplicateObjects: false })) };
}

function plainDocument(reply: Reply & { kind: 'object' | 'list' }): JsonMap {
  return reply.kind === 'object' ? reply.object : { metadata: reply.metadata, items: [...reply.items] };
}

/** RFC 7234; a code of 299 is what lasts (k8s.io/apimachinery/pkg/util/net NewWarningHeader). */
function warningHeader(text: string): string {
  const quoted = text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/["\\]/g, '\\$&');
  return `299 - "${quoted}"`;
}

function jsonBytes(document: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(document)}\n`);
}
