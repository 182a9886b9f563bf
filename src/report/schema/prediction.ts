import { count, either, list, literal, nothing, number, object, oneOf, optional, ratio, text, texts } from './parts.ts';

const range = object({ lo: number, hi: number });
const timeRange = object({ lo: number, hi: either([number, nothing]) });

const caller = object({
  service: text,
  namespace: text,
  fromZone: text,
  bad: range,
  out: optional(timeRange),
  early: ratio,
  places: list(object({ zone: text, region: text, share: range, serving: count, before: count })),
  why: texts,
});

const stage = object({
  faults: texts,
  callers: list(caller),
  paths: list(object({ path: text, bad: range, out: optional(timeRange) })),
});

const predicted = either([
  object({
    state: literal('predicted'),
    draws: count,
    stages: list(stage),
    ejections: list(object({ service: text, enforced: range })),
    assumptions: texts,
  }),
  object({ state: literal('not-predicted'), reason: text }),
]);

/** What the mesh model said before the run, and what was measured. */
export const prediction = object({
  predicted,
  compared: list(
    object({
      id: text,
      what: text,
      unit: oneOf(['count', 's', '%']),
      predicted: timeRange,
      measured: optional(timeRange),
      state: oneOf(['inside', 'missed', 'not-measured']),
    }),
  ),
});
