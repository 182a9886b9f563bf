import {
  count,
  either,
  list,
  micros,
  nothing,
  number,
  object,
  oneOf,
  optional,
  place,
  text,
  texts,
  verdict,
  word,
  yesNo,
} from './parts.ts';

const unit = oneOf(['s', 'ms', '%', 'count']);

/** A finding on one of these objectives, or on any, as another version may have had. */
export const findingOn = (objectives?: readonly string[]) =>
  object({
    id: text,
    objective: objectives === undefined ? word : oneOf(objectives),
    subject: text,
    verdict,
    title: text,
    story: text,
    measured: optional(object({ lo: number, hi: either([number, nothing]), unit })),
    target: optional(object({ op: oneOf(['<=', '>=', '==']), value: number, unit })),
    samples: count,
    counted: optional(oneOf(['request', 'call', 'proxy', 'fault', 'alert', 'setting'])),
    evidence: texts,
    cause: optional(text),
    hint: optional(text),
  });

const touched = object({
  cluster: text,
  kind: text,
  namespace: text,
  name: text,
  change: text,
  before: optional(text),
  during: optional(text),
  after: optional(text),
  state: oneOf(['put-back', 'left-behind', 'conflict', 'one-shot', 'gone', 'unknown']),
});

export const putBack = object({
  state: oneOf(['put-back', 'incomplete', 'nothing-injected']),
  objects: list(touched),
  leftovers: list(object({ cluster: text, ref: text, command: text, held: optional(text) })),
  steadyAfter: either([yesNo, nothing]),
  detail: text,
});

const span = object({ lo: micros, hi: either([micros, nothing]) });

export const ladder = object({
  id: text,
  service: text,
  fromZone: text,
  fromCluster: optional(text),
  faults: texts,
  stage: count,
  start: micros,
  end: micros,
  rungs: list(
    object({
      place,
      origin: oneOf(['home', 'declared', 'other']),
      capacity: either([count, nothing]),
      expectedShare: number,
      share: number,
      hits: count,
      firstHit: optional(micros),
      state: oneOf(['took-over', 'partly', 'skipped', 'too-early', 'never', 'not-needed', 'down', 'unexpected']),
      evidence: texts,
    }),
  ),
  samples: count,
  finding: text,
});

export const failback = object({
  service: text,
  fromZone: text,
  fromCluster: optional(text),
  undone: micros,
  home: optional(span),
  finding: text,
});

export const recovery = object({
  path: text,
  stage: count,
  faults: texts,
  acknowledged: micros,
  effective: micros,
  state: oneOf(['not-impacted', 'recovered', 'not-recovered', 'too-few-samples']),
  firstBad: optional(micros),
  recovered: optional(span),
  flaps: count,
  bad: count,
  doubtful: count,
  total: count,
  badTime: micros,
  lasted: optional(span),
  finding: optional(text),
});

/** A condition that ends a run early, as it was met; `ends`: it has ended this one. */
export const abortCondition = object({
  condition: oneOf(['errorShare', 'prometheus', 'noContact', 'blind']),
  measured: text,
  since: micros,
  limit: text,
  graceMs: count,
  at: micros,
  ends: yesNo,
});

export const wayHomeOutage = object({ path: text, from: micros, lasted: span, bad: count });
