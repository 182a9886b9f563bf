import { cutTo } from './cut.ts';

/** Names of the status codes of gRPC, by number (grpc/grpc, doc/statuscodes.md). */
export const GRPC_STATUSES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;
export type GrpcStatus = (typeof GRPC_STATUSES)[number];

/** The method of the standard health service that asks for one answer. */
export const HEALTH_CHECK = '/grpc.health.v1.Health/Check';

/** What the health service says of a service, by number (grpc.health.v1.HealthCheckResponse.ServingStatus). */
const SERVING_STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

/** One uncompressed message as gRPC frames it: a byte 0, the length in four bytes, the message. */
export function frame(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The first message of some frames; undefined where none is whole, or it is compressed. */
export function unframe(frames: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(frames.buffer, frames.byteOffset, frames.length);
  if (bytes.length < 5 || bytes[0] !== 0) return undefined;
  const end = 5 + bytes.readUInt32BE(1);
  return end <= bytes.length ? bytes.subarray(5, end) : undefined;
}

/** grpc.health.v1.HealthCheckRequest: the service as field 1, or nothing for the whole server. */
export function healthRequest(service: string): Uint8Array {
  const name = Buffer.from(service);
  return name.length === 0
    ? Buffer.alloc(0)
    : Buffer.concat([Buffer.from([LENGTH_DELIMITED_1]), varint(name.length), name]);
}

/** Tags of field 1: a number, and a text. */
const VARINT_1 = 0x08;
const LENGTH_DELIMITED_1 = 0x0a;

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/**
 * The status in a grpc.health.v1.HealthCheckResponse, which is its only field; a proto3 message leaves a 0 out. Undefined
 * for any other message.
 */
export function servingStatus(message: Uint8Array): string | undefined {
  if (message.length === 0) return SERVING_STATUSES[0];
  const [tag, value = -1] = message;
  return tag === VARINT_1 && message.length === 2 ? SERVING_STATUSES[value] : undefined;
}

/** The name of what `grpc-status` says; a code that gRPC does not know stands as it came. */
export function grpcStatusName(code: string): string {
  return (/^\d{1,2}$/.test(code) ? GRPC_STATUSES[Number(code)] : undefined) ?? `code ${cutTo(code, 16)}`;
}

/** The text of `grpc-message`, whose bytes are percent-encoded UTF-8; what cannot be decoded stands as it came. */
export function grpcMessage(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
