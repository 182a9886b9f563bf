import Type from 'typebox';
import { GRPC_STATUSES } from '../../model/grpc.ts';
import { MET_KINDS } from '../../model/practice.ts';
import type { Expectations, Json } from '../../model/scenario.ts';
import { count, either, list, literal, number, object, oneOf, optional, place, ratio, text, texts } from './parts.ts';

const gatewayZone = object({ cluster: optional(text), zone: text });

const json = Type.Unsafe<Json>({});
const expected = either([object({ equals: json }), object({ matches: text })]);

const goodRequest = object({
  status: either([Type.Integer(), list(object({ from: Type.Integer(), to: Type.Integer() }))]),
  chain: texts,
  latencyMs: number,
  content: optional(
    list(
      either([
        object({ of: literal('header'), name: text, expected }),
        object({ of: literal('body'), pointer: optional(text), expected }),
        object({ of: literal('grpc'), status: list(oneOf(GRPC_STATUSES)), serving: optional(literal(true)) }),
      ]),
    ),
  ),
});

const load = object({
  paths: list(
    object({
      name: text,
      request: object({
        method: text,
        path: text,
        host: optional(text),
        headers: Type.Record(text, text),
        protocol: optional(oneOf(['http2', 'grpc'])),
        refreshed: optional(texts),
        body: optional(
          either([
            object({ kind: oneOf(['text', 'json']), text }),
            object({ kind: literal('file'), file: text }),
            object({ kind: literal('env'), env: text }),
            object({ kind: literal('health'), service: text }),
          ]),
        ),
      }),
      via: either([literal('each-gateway-zone'), list(gatewayZone)]),
      ratePerSecond: optional(number),
      good: optional(goodRequest),
    }),
  ),
  ratePerSecond: number,
  timeoutMs: number,
  connections: oneOf(['kept', 'fresh']),
  engine: optional(text),
  script: optional(text),
  dashboard: optional(literal(true)),
  chain: object({
    from: either([
      object({ kind: literal('body') }),
      object({ kind: literal('header'), name: text }),
      object({ kind: literal('pointer'), pointer: text }),
    ]),
    hop: text,
    anywhere: optional(literal(true)),
    calls: optional(Type.Record(text, texts)),
  }),
  good: goodRequest,
});

/** The clauses that readers can rely on; those of other objectives may stand beside them. */
export const expectations = object({
  steadyState: object({ goodAtLeast: ratio, sameZoneAtLeast: optional(ratio) }),
  failoverOrder: list(
    object({
      service: text,
      from: object({ zone: text, cluster: optional(text) }),
      order: list(object({ place, shareAtLeast: ratio })),
    }),
  ),
  recoveryTime: optional(object({ withinMs: number, consecutive: number, lastingMs: number })),
  errorBudget: optional(object({ perCaller: optional(number), perPath: optional(number), ratio: optional(ratio) })),
  unaffected: optional(object({ except: list(place) })),
  ejections: list(object({ service: text, atLeast: optional(number), atMost: optional(number) })),
  failback: optional(object({ withinMs: number })),
});

const scenario = object({
  name: text,
  description: optional(text),
  annotations: Type.Record(text, text),
  hypothesis: text,
  load,
  services: optional(Type.Record(text, text)),
  phases: object({ baselineMs: number, holdMs: number, recoverMs: number }),
  faults: list(
    object({ name: text, kind: text, afterMs: number, spec: Type.Unsafe<{ [key: string]: Json }>({ type: 'object' }) }),
  ),
  expect: Type.Unsafe<Expectations>(expectations),
  source: object({ file: text, text, sha256: text }),
});

const topology = object({
  clusters: list(object({ name: text, region: text, zones: texts, uid: text, server: text, version: text })),
  paths: list(
    object({
      id: text,
      name: text,
      cluster: text,
      region: text,
      zone: text,
      protocol: oneOf(['http', 'https']),
      host: text,
      port: count,
      http2: optional(literal(true)),
      tls: optional(
        object({
          serverName: optional(text),
          insecure: optional(literal(true)),
          ownAuthority: optional(literal(true)),
          clientCertificate: optional(literal(true)),
        }),
      ),
    }),
  ),
});

/** The fixed facts of a run. */
export const run = object({
  runId: text,
  tool: object({ name: literal('faultline'), version: text }),
  target: object({ name: text, kind: oneOf(MET_KINDS) }),
  scenario,
  topology,
  versions: Type.Record(text, text),
  command: text,
  recover: optional(text),
});
