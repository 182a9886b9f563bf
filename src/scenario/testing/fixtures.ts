import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import type { EngineTraits } from '../../model/engine.ts';
import type { Diagnostic, Parsed } from '../../model/errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import { parseScenario } from '../scenario.ts';
import type { FaultSchema } from '../scenario-schema.ts';

/** Fault kinds for the specs of this folder, with every keyword that a fault's schema may use. */
export const FAULTS: readonly FaultSchema[] = [
  {
    kind: 'imageSwap',
    doc: 'Swaps the image of one container.',
    move: () => ({ kind: 'nothing' }),
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['cluster', 'namespace', 'deployment', 'image'],
      properties: {
        cluster: { type: 'string', description: 'Logical name of the cluster.' },
        namespace: { type: 'string', pattern: '^[a-z0-9-]+$' },
        deployment: { type: 'string', minLength: 1 },
        container: { type: 'string' },
        image: { type: 'string' },
        command: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 8 },
      },
    },
  },
  {
    kind: 'podKill',
    doc: 'Deletes pods.',
    move: ({ every }) => ({ kind: 'kill', everyMs: every as number | undefined, forced: false }),
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['cluster'],
      oneOf: [{ required: ['deployment'] }, { required: ['selector'] }],
      properties: {
        cluster: { type: 'string' },
        deployment: { type: 'string' },
        selector: { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1 },
        count: { type: 'integer', minimum: 1, maximum: 100, default: 1 },
        percent: { type: 'string', 'x-unit': 'percent' },
        every: { type: 'string', 'x-unit': 'duration' },
        mode: { type: 'string', enum: ['delete', 'evict'] },
        force: { type: 'boolean' },
      },
    },
  },
];

/** The kind of fault that `init` writes an example of. */
export const STARTER_FAULT = {
  kind: 'imageSwap',
  example: { cluster: 'tokyo', namespace: 'default', deployment: 'mockb', image: 'i', command: ['sleep', '3600'] },
};

const OWN_CLIENT = "over kept ones k6's own HTTP client sends a request again by itself and hides the error";

/** Engines for the specs of this folder: a plain one, one that can do everything, one that needs fresh connections. */
export const ENGINES: readonly EngineTraits[] = [
  { name: 'undici', doc: 'is faultline itself', dashboard: false, refuses: [] },
  {
    name: 'k6',
    doc: 'needs k6',
    dashboard: true,
    refuses: [{ what: 'body', scripted: true, why: 'a script sends its own', instead: 'send it in the script' }],
    script: { freshOnly: OWN_CLIENT },
  },
  {
    name: 'k6-operator',
    doc: 'sends from pods',
    refuses: (['body', 'rate', 'refresh', 'content', 'http2'] as const).map((what) => ({
      what,
      why: 'pods are told no such thing',
      instead: 'write `engine: undici`',
    })),
    dashboard: false,
    script: { freshOnly: OWN_CLIENT },
    freshOnly: OWN_CLIENT,
  },
];

/** A scenario that uses every field of the format once. */
export const FULL = `apiVersion: faultline/v1alpha1
kind: Scenario
metadata:
  name: full
  description: Everything once.
  annotations: {team: mesh}
spec:
  hypothesis: It holds.
  load:
    paths:
      - name: entry
        request: {method: GET, path: /mock, host: mock.example, headers: {x-a: y}}
        via: each-gateway-zone
      - name: other
        request: {path: /other}
        via: [{cluster: tokyo, zone: zone-a}, {zone: zone-b}]
    rate: 50/s
    timeout: 2s
    connections: fresh
    chain: {from: {header: x-chain}, hop: "{service}@{zone}/{ip}"}
    good: {status: 204, chain: [mocka, mockb], latency: 1s}
  phases: {baseline: 10s, hold: 20s, recover: 1m30s}
  faults:
    - name: late
      after: 5s
      podKill: {cluster: tokyo, deployment: mockb, count: 2, percent: 50%, every: 10s, mode: evict, force: true}
    - name: first
      imageSwap: {cluster: tokyo, namespace: default, deployment: mockb, container: app, image: i, command: [sleep]}
  expect:
    steadyState: {good: ">= 98%", sameZone: 97%}
    failoverOrder:
      - service: mockb
        from: {zone: zone-a}
        order: [{zone: zone-b, share: ">= 60%"}, {region: far}]
    recoveryTime: {within: 5s, consecutive: 7, lasting: 2s}
    errorBudget: {perCaller: 9, perPath: 3, ratio: "<= 1%"}
    unaffected: {except: [{zone: zone-a}, {region: far}]}
    ejections: {service: mockb, atLeast: 1, atMost: 9}
    failback: {within: 40s}
`;

/** The least that a scenario must have. */
export const LEAST = `apiVersion: faultline/v1alpha1
kind: Scenario
metadata: {name: least}
spec:
  hypothesis: It holds.
  load: {paths: [{name: entry, request: {path: /}}], rate: 50/s}
  phases: {baseline: 1s, hold: 1s, recover: 1s}
  faults: [{name: kill, podKill: {cluster: tokyo, deployment: mockb}}]
  expect: {steadyState: {}}
`;

export function parse(text: string): Parsed<Scenario> {
  return parseScenario(text, 'scenario.yaml', FAULTS, OBJECTIVES, ENGINES);
}

/** The value, or an error that shows what was wrong with the text. */
export function accepted<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw new Error(places(parsed.diagnostics).join('\n'));
}

/** All diagnostics of a parse, warnings included. */
export function diagnosticsOf(parsed: Parsed<unknown>): readonly Diagnostic[] {
  return parsed.ok ? parsed.warnings : parsed.diagnostics;
}

/** `12:5 FIELD_TYPE` for each, to compare in one line. */
export function places(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

/** The text with one part replaced; the part must be there exactly once. */
export function edited(text: string, part: string, replacement: string): string {
  const pieces = text.split(part);
  if (pieces.length !== 2) throw new Error(`${JSON.stringify(part)} is there ${pieces.length - 1} times`);
  return pieces.join(replacement);
}
