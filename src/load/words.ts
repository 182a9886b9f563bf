import { cutTo } from '../model/cut.ts';
import { TEXT_LIMIT } from '../model/record-codec.ts';

/** What an error says of itself. */
export type Words = {
  readonly message: string;
  /** Such as ECONNREFUSED; empty where it has none. */
  readonly code: string;
};

/** Characters of a message that are looked at. */
export const MESSAGE_LIMIT = 1024;

/**
 * What differs from request to request, or may repeat what was sent and received, and what stands in its place. Only in
 * this order.
 */
const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/[\p{C}\p{Z}]+/gu, ' '],
  // Go quotes the bytes of a wrong answer, or tells a header line as it came: an echo has the request's secrets in it.
  [/"(?:[^"\\]|\\.)*(?:"|\\?$)/g, '"…"'],
  [/(MIME header (?:initial )?line:).*/, '$1 …'],
  // OpenSSL has a thread before its reason and a place in its sources after it.
  [/\b[0-9A-F]{8,}:error:[0-9A-F]+:[^:]*:[^:]*:([^:]*):[^:]*:\d+:?/g, '$1 '],
  // The ends of the connection: Go has them after the network, Node its own behind the others.
  [/\b((?:tcp|udp)[46]?) \S+:\d+(?=[: ]|$)/g, '$1'],
  // Advice on Node's own command line, which is not that of the user.
  [/; if the root CA is installed locally, try running Node\.js.*/, ''],
  [/ - Local \([^)]*\)/g, ''],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '…'],
  [/\b0x[0-9a-f]+\b/gi, '…'],
  [/\b(ID[ :=]+)\d+/gi, '$1…'],
  [/ +/g, ' '],
];

/**
 * Words for people, such as `self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)`: one line without control characters,
 * at most TEXT_LIMIT characters, the code always whole. Nothing that was quoted is in them.
 */
export function wording({ message, code }: Words): string {
  const known = /^[\w/ ]{1,64}$/.test(code) ? code : '';
  const clean = REPLACED.reduce((text, [what, by]) => text.replace(what, by), cutTo(message, MESSAGE_LIMIT)).trim();
  if (clean === '') return known;
  const ending = known === '' ? '' : ` (${known})`;
  return cutTo(clean, TEXT_LIMIT - ending.length) + ending;
}
