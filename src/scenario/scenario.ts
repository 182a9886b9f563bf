import { createHash } from 'node:crypto';
import type { EngineTraits } from '../model/engine.ts';
import type { Parsed } from '../model/errors.ts';
import { HEALTH_CHECK } from '../model/grpc.ts';
import { pointerSteps, withValueAt } from '../model/json-pointer.ts';
import { isSecretHeader, REDACTED } from '../model/redact.ts';
import type {
  Allowances,
  ChainPattern,
  FaultBlock,
  FaultSpec,
  Load,
  PathTemplate,
  RequestBody,
  RequestTemplate,
  Scenario,
  ScenarioSource,
} from '../model/scenario.ts';
import { toAbort } from './abort-schema.ts';
import { adviseExpectations, type ObjectiveClause, readExpectations } from './expect.ts';
import { adviseLoad } from './load-advice.ts';
import { parseFile } from './parse.ts';
import { type GoodDocument, toGood } from './read-good.ts';
import { toRequire } from './require-schema.ts';
import { checkScenario } from './scenario-checks.ts';
import { type FaultSchema, type ScenarioDocument, scenarioDocument } from './scenario-schema.ts';
import { redactJson } from './secret-bodies.ts';
import { redactParsed } from './secret-text.ts';
import type { TreeNode } from './yaml-tree.ts';

/**
 * Reads a scenario: units resolved and defaults filled in, or every problem at once with line and column. Fault blocks
 * are read with the schemas of their kinds; the clauses of `expect` are what their objectives make of them. The values of secret headers are in neither the load nor the source: `secretHeaders` finds
 * them for the run that sends them. Never throws, whatever the text.
 */
export function parseScenario(
  text: string,
  file: string,
  faults: readonly FaultSchema[],
  objectives: readonly ObjectiveClause[],
  engines: readonly EngineTraits[],
): Parsed<Scenario> {
  return parseFile(text, file, {
    kind: 'Scenario',
    schema: scenarioDocument(faults, objectives, engines),
    check: (draft, root, problems) => checkScenario(draft, objectives, engines, root, problems),
    advise: (document, scenario, root, problems) => {
      adviseLoad(document, root, problems);
      adviseExpectations(scenario, objectives, root, problems);
    },
    finish: (document, root) => toScenario(document, faults, objectives, sourceOf(file, text, root)),
  });
}

function sourceOf(file: string, text: string, root: TreeNode): ScenarioSource {
  return { file, text: redactParsed(text, root), sha256: createHash('sha256').update(text).digest('hex') };
}

function toScenario(
  { metadata, spec }: ScenarioDocument,
  faults: readonly FaultSchema[],
  objectives: readonly ObjectiveClause[],
  source: ScenarioSource,
): Scenario {
  const { phases } = spec;
  return {
    name: metadata.name,
    ...(metadata.description === undefined ? {} : { description: metadata.description }),
    annotations: metadata.annotations,
    hypothesis: spec.hypothesis.trim(),
    load: toLoad(spec.load),
    ...(Object.keys(spec.services).length === 0 ? {} : { services: spec.services }),
    phases: { baselineMs: phases.baseline, holdMs: phases.hold, recoverMs: phases.recover },
    faults: toFaults(spec.faults, faults),
    ...(spec.allow === undefined ? {} : { allow: toAllowances(spec.allow) }),
    ...(spec.abort === undefined ? {} : { abort: toAbort(spec.abort) }),
    ...(spec.require === undefined ? {} : { require: toRequire(spec.require) }),
    expect: readExpectations(spec.expect, objectives),
    source,
  };
}

function toAllowances({ duration, ...rest }: NonNullable<ScenarioDocument['spec']['allow']>): Allowances {
  return { everyZone: false, ...rest, ...(duration === undefined ? {} : { durationMs: duration }) };
}

type RequestDocument = ScenarioDocument['spec']['load']['paths'][number]['request'];
type HeadersDocument = RequestDocument['headers'];

function toLoad(written: ScenarioDocument['spec']['load']): Load {
  const { paths, rate, timeout, connections, engine, script, dashboard, chain, good } = written;
  return {
    paths: paths.map(({ good: own, rate: ownRate, ...path }) => ({
      ...path,
      ...(ownRate === undefined ? {} : { ratePerSecond: ownRate }),
      request: toRequest(path.request),
      ...goodOf(path.request, own, written),
    })),
    ratePerSecond: rate,
    timeoutMs: timeout,
    connections,
    ...(engine === undefined ? {} : { engine }),
    ...(script === undefined ? {} : { script }),
    ...(dashboard ? { dashboard } : {}),
    chain: toChain(chain),
    good: toGood(good, timeout),
  };
}

/** A path's own rule: where one is written, and for every call of gRPC, whose answers are looked at another way. */
function goodOf(
  { grpc }: RequestDocument,
  own: GoodDocument | undefined,
  { good, timeout }: ScenarioDocument['spec']['load'],
): Pick<PathTemplate, 'good'> {
  if (grpc !== undefined) return { good: toGood({ ...good, ...own }, timeout, { serving: grpc.health !== undefined }) };
  return own === undefined ? {} : { good: toGood({ ...good, ...own }, timeout) };
}

function toChain({ from, hop, anywhere, calls }: ScenarioDocument['spec']['load']['chain']): ChainPattern {
  return {
    from: toSource(from),
    hop,
    ...(anywhere ? { anywhere } : {}),
    ...(Object.keys(calls).length === 0 ? {} : { calls }),
  };
}

function toSource(from: ScenarioDocument['spec']['load']['chain']['from']): ChainPattern['from'] {
  if (from === 'body') return { kind: 'body' };
  const { header = '', pointer } = from;
  return pointer === undefined ? { kind: 'header', name: header } : { kind: 'pointer', pointer };
}

function toRequest({ method, body, headers, path = '', grpc, ...rest }: RequestDocument): RequestTemplate {
  const own = toHeaders(headers);
  const refreshed = Object.keys(headers).filter((name) => Object(headers[name]).refresh !== undefined);
  const request = { ...rest, path, ...(refreshed.length === 0 ? {} : { refreshed }) };
  if (grpc !== undefined) return { ...request, ...callOf(grpc, body), headers: { ...own, ...GRPC_HEADERS } };
  if (body === undefined) return { ...request, method: method ?? 'GET', headers: own };
  const sent = toBody(body);
  const isJson = sent.kind === 'json' || (sent.kind === 'file' && /\.json$/i.test(sent.file));
  const isTyped = Object.keys(own).some((name) => name.toLowerCase() === 'content-type');
  const typed = isJson && !isTyped ? { 'content-type': 'application/json', ...own } : own;
  return { ...request, method: method ?? 'POST', headers: typed, body: sent };
}

/** What every call of gRPC says (grpc/grpc, doc/PROTOCOL-HTTP2.md). */
const GRPC_HEADERS = { te: 'trailers', 'content-type': 'application/grpc' } as const;

function callOf(
  { health, method = '' }: NonNullable<RequestDocument['grpc']>,
  body: RequestDocument['body'],
): Pick<RequestTemplate, 'method' | 'path' | 'protocol' | 'body'> {
  const call = { method: 'POST', protocol: 'grpc' } as const;
  if (health !== undefined) return { ...call, path: HEALTH_CHECK, body: { kind: 'health', service: health } };
  return { ...call, path: `/${method}`, ...(body === undefined ? {} : { body: toBody(body) }) };
}

/** Without secrets, as headers are. */
function toBody(written: NonNullable<RequestDocument['body']>): RequestBody {
  if (typeof written === 'string') return { kind: 'text', text: written };
  const { file, env, json = null, secrets } = written;
  if (file !== undefined) return { kind: 'file', file };
  if (env !== undefined) return { kind: 'env', env };
  const hidden = Object.keys(secrets).reduce((value, pointer) => {
    return withValueAt(value, pointerSteps(pointer) ?? [], REDACTED);
  }, redactJson(json));
  return { kind: 'json', text: JSON.stringify(hidden) };
}

/** Without secrets: what is sent in their place is known only to the run itself. */
function toHeaders(written: HeadersDocument): Record<string, string> {
  const shown = ([name, value]: [string, HeadersDocument[string]]): [string, string] => {
    if (typeof value !== 'string') return [name, value.prefix + REDACTED];
    return [name, isSecretHeader(name) ? REDACTED : value];
  };
  return Object.fromEntries(Object.entries(written).map(shown));
}

/** In injection order: by `after`, and as written where that is equal. */
function toFaults(written: ScenarioDocument['spec']['faults'], faults: readonly FaultSchema[]): FaultSpec[] {
  const specs = written.flatMap((fault) =>
    faults.flatMap(({ kind, move }): FaultSpec[] => {
      const spec = fault[kind] as FaultBlock | undefined;
      if (spec === undefined) return [];
      return [{ name: fault.name, kind, afterMs: fault.after, spec, move: move(spec) }];
    }),
  );
  return specs.sort((a, b) => a.afterMs - b.afterMs);
}
