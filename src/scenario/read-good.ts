import type { ContentCheck, Expected, GoodRequest, Json, StatusRange } from '../model/scenario.ts';
import { asList } from '../schema/one-or-more.ts';
import type { Decoded } from '../schema/schema.ts';
import type { good } from './good-schema.ts';

/** A call of gRPC that the rule is for; `serving`: its answer is that of the health service. */
type GrpcCall = { readonly serving: boolean };

export type GoodDocument = Decoded<ReturnType<typeof good>>;

/**
 * What is good, of what is written, where `timeoutMs` is the longest wait for an answer. An answer of gRPC has HTTP status 200
 * whatever became of the call.
 */
export function toGood(written: GoodDocument, timeoutMs: number, call?: GrpcCall): GoodRequest {
  const content = [...(call === undefined ? [] : [grpcCheck(written, call)]), ...contentOf(written)];
  return {
    status: call === undefined ? statusOf(written.status ?? 200) : 200,
    chain: written.chain ?? [],
    latencyMs: written.latency ?? timeoutMs,
    ...(content.length === 0 ? {} : { content }),
  };
}

function grpcCheck({ grpc = 'OK' }: GoodDocument, { serving }: GrpcCall): ContentCheck {
  return { of: 'grpc', status: asList(grpc), ...(serving ? { serving } : {}) };
}

function statusOf(written: NonNullable<GoodDocument['status']>): GoodRequest['status'] {
  if (typeof written === 'number') return written;
  return written.map((one): StatusRange => {
    const [from = 0, to = from] = typeof one === 'number' ? [one] : one.split('-').map(Number);
    return { from, to };
  });
}

function contentOf({ header, location, body }: GoodDocument): ContentCheck[] {
  const redirect = typeof location === 'string' ? { equals: location } : location;
  return [
    ...asList(header).map(
      ({ name, ...expected }): ContentCheck => ({ of: 'header', name, expected: toExpected(expected) }),
    ),
    ...(redirect === undefined ? [] : [{ of: 'header' as const, name: 'location', expected: toExpected(redirect) }]),
    ...asList(body).map(({ pointer, ...expected }): ContentCheck => {
      const place = pointer === undefined ? {} : { pointer };
      return { of: 'body', ...place, expected: toExpected(expected) };
    }),
  ];
}

function toExpected({ equals = null, matches }: { readonly equals?: Json; readonly matches?: string }): Expected {
  return matches === undefined ? { equals } : { matches };
}
