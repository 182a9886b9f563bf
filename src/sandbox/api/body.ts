import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { parse as parseYaml } from 'yaml';
import { messageOf } from '../../model/errors.ts';
import type { Json } from '../../model/scenario.ts';
import { ApiError, badRequest } from './errors.ts';
import { decodeProtobuf } from './protobuf/decode.ts';
import { type Body, PROTOBUF, unsupportedMediaType } from './request.ts';

const MAX_BYTES = 3 * 1024 * 1024;

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** The whole body, or 413 when it is larger than an API server takes. It is read to its end so that the client hears the answer. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += (chunk as Buffer).length;
    if (size <= MAX_BYTES) chunks.push(chunk as Buffer);
  }
  if (size > MAX_BYTES) throw tooLarge();
  const whole = Buffer.concat(chunks);
  return message.headers['content-encoding'] === 'gzip' ? unzip(whole) : whole;
}

function tooLarge(): ApiError {
  return new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BYTES}`);
}

function unzip(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge();
    throw badRequest(`error decoding gzip: ${messageOf(error)}`);
  }
}

/** Decodes JSON, YAML, Kubernetes' protobuf and the patch types; anything else is 415. */
export function decodeBody(bytes: Buffer, header: string | undefined, method: string): Body {
  const contentType = (header ?? '').split(';')[0]?.trim().toLowerCase() || 'application/json';
  if (bytes.length === 0) return { contentType, value: undefined };
  const text = bytes.toString('utf8');
  if (method === 'PATCH') {
    if (contentType === 'application/apply-patch+yaml') throw noServerSideApply();
    if (!PATCH_TYPES.includes(contentType)) throw unsupportedMediaType(PATCH_TYPES);
    return { contentType, value: json(text) };
  }
  if (contentType === 'application/yaml') return { contentType, value: yaml(text) };
  if (contentType === PROTOBUF) return { contentType, value: decodeProtobuf(bytes) };
  if (contentType !== 'application/json') {
    throw unsupportedMediaType(['application/json', 'application/yaml', PROTOBUF]);
  }
  return { contentType, value: json(text) };
}

/** Nothing of a drill owns fields; the client-side apply comes to the same here. */
function noServerSideApply(): ApiError {
  const message = 'the sandbox has no server-side apply: use kubectl apply -f without --server-side';
  return new ApiError(415, 'UnsupportedMediaType', message);
}

function json(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${messageOf(error)}`);
  }
}

function yaml(text: string): Json {
  try {
    return parseYaml(text, { maxAliasCount: 0 }) as Json;
  } catch (error) {
    throw badRequest(`error decoding YAML: ${messageOf(error)}`);
  }
}
