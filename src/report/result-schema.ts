import Type from 'typebox';
import type { ObjectiveWords } from '../model/objective.ts';
import { abortCondition, failback, findingOn, ladder, putBack, recovery, wayHomeOutage } from './schema/judged.ts';
import {
  badRequests,
  budget,
  ejections,
  evidence,
  fault,
  flow,
  kubeEvents,
  latency,
  queryValues,
  series,
} from './schema/measured.ts';
import { count, list, literal, micros, object, oneOf, optional, phase, text, verdict } from './schema/parts.ts';
import { prediction } from './schema/prediction.ts';
import { run } from './schema/run.ts';

/**
 * The published JSON Schema of result.json, for findings on these objectives; without any, what is read, by whatever version it
 * was written. Readers must accept fields that a later version adds, clauses of `expect` among them.
 */
export const resultSchema = (objectives?: readonly ObjectiveWords[]) =>
  Type.Object(
    {
      format: literal('faultline/result/v1'),
      run,
      startedAt: text,
      duration: micros,
      status: oneOf(['completed', 'aborted', 'refused', 'interrupted', 'failed']),
      statusReason: optional(text),
      abortConditions: optional(list(abortCondition)),
      verdict,
      exitCode: count,
      reason: text,
      reasonFinding: optional(text),
      story: list(object({ at: optional(micros), text, link: text })),
      findings: list(findingOn(objectives && [...new Set(objectives.map(({ name }) => name))])),
      putBack,
      zero: optional(micros),
      zeroFrom: optional(micros),
      guides: list(object({ id: oneOf(['T0', 'T1', 'T2', 'T3', 'T4', 'T5']), at: micros, label: text })),
      phases: list(object({ phase, start: micros, end: micros })),
      faults: list(fault),
      series,
      flows: optional(list(flow)),
      ladders: list(ladder),
      failbacks: list(failback),
      recoveries: list(recovery),
      wayHome: list(wayHomeOutage),
      budget,
      badRequests: optional(badRequests),
      latency: list(latency),
      ejections,
      prediction: optional(prediction),
      loadDashboard: optional(text),
      kubeEvents: optional(kubeEvents),
      queries: optional(list(queryValues)),
      evidence: list(evidence),
      evidenceLeftOut: count,
    },
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'https://faultline.dev/schemas/result-v1.json',
      title: 'faultline result',
      description: 'Everything a reader of a faultline run needs. Times are microseconds of run time.',
    },
  );
