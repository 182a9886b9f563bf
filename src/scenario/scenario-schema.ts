import type { EngineTraits } from '../model/engine.ts';
import type { FaultKind } from '../model/fault.ts';
import type { Json } from '../model/scenario.ts';
import { list, mapping, quantity, record, text, withDefault, yesNo } from '../schema/builders.ts';
import { DNS_LABEL, dnsLabel, serviceName } from '../schema/names.ts';
import { adoptSchema, type Decoded, forEditors, type JsonSchema, type Schema } from '../schema/schema.ts';
import { abort } from './abort-schema.ts';
import { expectSchema, type ObjectiveClause } from './expect.ts';
import { load } from './load-schema.ts';
import { ANNOTATION_NAME, header } from './names.ts';
import { require } from './require-schema.ts';

/** What a scenario must know of a fault kind to read it. */
export type FaultSchema = Pick<FaultKind, 'kind' | 'schema' | 'doc' | 'move'>;

const metadata = mapping('Name and notes.', {
  required: { name: dnsLabel('Name of the scenario.', 'service-failover') },
  optional: {
    description: text('What the scenario is for.'),
    annotations: withDefault(
      record(
        'Free text for tools around faultline; nothing here changes how a run is judged.',
        text('Free text.', { minLength: 0 }),
        ANNOTATION_NAME,
      ),
      {},
    ),
  },
});

const phases = mapping('How long the phases last that wait by the clock.', {
  required: {
    baseline: quantity('duration', 'Steady state before the fault.', { min: '1s', max: '1h', example: '10s' }),
    hold: quantity('duration', 'Time under the fault.', { min: '1s', max: '6h', example: '20s' }),
    recover: quantity('duration', 'Time after the undo.', { min: '1s', max: '6h', example: '40s' }),
  },
});

const faultFields = {
  name: dnsLabel('Name of the fault in findings and reports.', 'mockb-down'),
  after: withDefault(
    quantity('duration', 'Wait from the start of the inject phase.', { min: '0s', max: '1h', example: '5s' }),
    '0s',
  ),
};

/** Besides name and wait, the block of one kind under the kind's name. */
type FaultDocument = { readonly name: string; readonly after: number; readonly [kind: string]: Json };

function faultEntry(faults: readonly FaultSchema[]): Schema<FaultDocument> {
  const blocks = faults.map(({ kind, schema, doc }): [string, JsonSchema] => {
    const block = adoptSchema(schema, kind);
    return [kind, { ...block, description: block.description ?? doc }];
  });
  return {
    type: 'object',
    description: 'A name and exactly one fault.',
    properties: { ...faultFields, ...Object.fromEntries(blocks) },
    required: ['name'],
    additionalProperties: false,
    oneOf: faults.map(({ kind }) => ({ required: [kind] })),
    'x-choice': 'fault kind',
  };
}

const named = (description: string, one: string) =>
  withDefault(list(description, serviceName(one, 'default/mockb'), { maxItems: 64 }), []);

const allow = mapping('What guards refuse unless it stands here, by name.', {
  optional: {
    wholeServices: named('Services all of whose ready pods may be hit: an outage is meant.', 'A Service.'),
    everyZone: yesNo('Whether every zone of every cluster may be cut off. Default: false.'),
    duration: quantity(
      'duration',
      'The longest that the run may take, its undo included; an hour where it is not said.',
      {
        min: '1m',
        max: '24h',
        example: '2h',
      },
    ),
    gitops: named('Workloads that may be changed although Argo CD or Flux owns them.', 'A workload.'),
  },
});

const services = record(
  'The Kubernetes Services of what is called otherwise in answers, chains and clauses: `{mockb: shop/shop-mockb}`.',
  serviceName('Namespace and name of the Service, in whichever cluster.', 'shop/shop-mockb'),
  DNS_LABEL,
);

/** The schema that checks and reads a scenario with these kinds of fault, these objectives and these engines. */
export function scenarioDocument(
  faults: readonly FaultSchema[],
  objectives: readonly ObjectiveClause[],
  engines: readonly EngineTraits[],
) {
  const spec = mapping('The experiment.', {
    required: {
      hypothesis: text('The sentence that the run tests.', { maxLength: 2000 }),
      load: load(engines),
      phases,
      faults: list('The faults, injected together or one after the other.', faultEntry(faults), {
        minItems: 1,
        maxItems: 32,
      }),
      expect: expectSchema(objectives),
    },
    optional: { allow, abort, require, services: withDefault(services, {}) },
  });
  return mapping('A disaster recovery scenario.', { required: { ...header('Scenario'), metadata, spec } });
}

export type ScenarioDocument = Decoded<ReturnType<typeof scenarioDocument>>;

/** JSON Schema (draft-07) of scenario files, for editors. */
export function scenarioSchema(
  faults: readonly FaultSchema[],
  objectives: readonly ObjectiveClause[],
  engines: readonly EngineTraits[],
): Json {
  const schema = forEditors(scenarioDocument(faults, objectives, engines)) as { [keyword: string]: Json };
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'faultline scenario', ...schema };
}
