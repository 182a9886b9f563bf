import Type from 'typebox';
import { MECHANISMS } from '../../model/mechanism.ts';
import {
  count,
  counts,
  either,
  list,
  micros,
  nothing,
  number,
  object,
  oneOf,
  optional,
  phase,
  ratio,
  text,
  texts,
  yesNo,
} from './parts.ts';

const maybe = either([number, nothing]);
const values = list(maybe);

export const fault = object({
  name: text,
  kind: text,
  cluster: text,
  summary: text,
  steps: list(
    object({
      step: oneOf([
        'requested',
        'acknowledged',
        'proven',
        'went-on',
        'not-proven',
        'undo-requested',
        'undone',
        'undo-conflict',
        'undo-failed',
      ]),
      at: micros,
      detail: optional(text),
    }),
  ),
  effective: optional(micros),
  ended: optional(micros),
});

export const flow = object({
  service: text,
  parts: list(
    object({
      part: oneOf(['before', 'stage', 'after']),
      start: micros,
      end: micros,
      faults: texts,
      hit: texts,
      calls: list(object({ from: text, to: text, n: count, through: optional(text) })),
    }),
  ),
});

export const series = object({
  start: micros,
  bucket: micros,
  columns: Type.Integer({ minimum: 0, maximum: 900 }),
  serving: list(object({ service: text, zone: text, region: text, counts })),
  good: counts,
  bad: counts,
  dropped: counts,
  paths: list(object({ path: text, good: counts, bad: counts })),
  p50: values,
  p95: values,
  p99: values,
});

const exampleFields = {
  path: text,
  seq: count,
  due: micros,
  latencyMs: number,
  status: count,
  error: optional(text),
  text: optional(text),
  chain: optional(
    object({ hops: list(object({ service: text, zone: text, ip: text, pod: optional(text) })), rest: text }),
  ),
};
const example = object(exampleFields);

export const kubeEvents = object({
  events: list(
    object({
      id: text,
      at: micros,
      cluster: text,
      kind: text,
      namespace: optional(text),
      name: text,
      warning: yesNo,
      reason: text,
      message: text,
      count,
    }),
  ),
  more: count,
  others: count,
  unread: texts,
});

export const queryValues = object({
  of: oneOf(['abort', 'require']),
  index: count,
  query: text,
  limit: object({ side: oneOf(['above', 'below']), value: number }),
  values: list(object({ at: micros, until: micros, value: maybe })),
});

const failureGroup = object({
  cause: text,
  text: optional(text),
  path: text,
  caller: text,
  count,
  first: micros,
  last: micros,
  example,
  mechanisms: optional(
    list(object({ kind: oneOf(MECHANISMS), sure: oneOf(['certain', 'likely']), shown: text, setting: text })),
  ),
});

export const badRequests = object({
  first: list(object({ ...exampleFields, cause: text, caller: text })),
  rest: list(object({ cause: text, text: optional(text), count })),
  groups: optional(list(failureGroup)),
});

const tally = { good: count, bad: count, unknown: count };

export const budget = object({
  ...tally,
  window: object({ start: micros, end: micros }),
  paths: list(object({ ...tally, path: text, doubtful: count })),
  callers: list(object({ caller: text, zone: text, bad: count, doubtful: count })),
  notAsked: texts,
  groups: list(failureGroup),
});

export const latency = object({
  phase,
  service: text,
  zone: text,
  n: count,
  p50: maybe,
  p90: maybe,
  p95: maybe,
  p99: maybe,
  max: number,
  censored: ratio,
});

export const ejections = object({
  readable: yesNo,
  detail: text,
  services: list(
    object({ service: text, enforced: count, concerned: count, callers: count, maxActive: count, overflow: count }),
  ),
  changes: list(
    object({ at: micros, cluster: text, pod: text, zone: text, service: text, active: count, enforcedTotal: count }),
  ),
});

export const evidence = object({
  id: text,
  at: micros,
  cluster: text,
  source: oneOf(['harness', 'kubernetes', 'mesh', 'request']),
  text,
  raw: text,
  usedBy: texts,
});
