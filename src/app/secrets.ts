import { FaultlineError } from '../model/errors.ts';
import type { RunHeader } from '../model/history.ts';
import type { SentLoad, UnstampedEvent } from '../model/ports.ts';
import { hideable, type Redact, tracesOf } from '../model/redact.ts';
import type { Load, Scenario } from '../model/scenario.ts';
import type { Topology } from '../model/target.ts';
import { type SecretHeader, secretHeaders } from '../scenario/index.ts';

/** The secret headers of a scenario with their values, for the run that sends them. */
export type Secrets = readonly (Pick<SecretHeader, 'path' | 'name'> & {
  /** What is sent. */
  readonly value: string;
  /** The part of it that is secret. */
  readonly secret: string;
})[];

type Environment = Readonly<Record<string, string | undefined>>;

/** What a header can hold: one line of Latin-1. */
const SENDABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The secrets of a valid scenario, those from the environment included. Throws FaultlineError ENV_MISSING with every
 * variable that cannot be used, each with its place.
 */
export function readSecrets(text: string, file: string, env: Environment): Secrets {
  const headers = secretHeaders(text);
  const problems = headers.flatMap((header) => problemOf(header, file, env));
  if (problems.length > 0) {
    throw new FaultlineError('ENV_MISSING', problems.join('\n'), {
      hint: 'Set it in the environment that faultline is started with; nothing was touched.',
    });
  }
  return headers.map(({ path, name, from }) => {
    const secret = 'literal' in from ? from.literal : (env[from.env] ?? '');
    return { path, name, secret, value: 'literal' in from ? secret : from.prefix + secret };
  });
}

function problemOf({ name, from, at }: SecretHeader, file: string, env: Environment): string[] {
  if ('literal' in from) return [];
  const value = env[from.env];
  const where = `${file}:${at.line}:${at.column}: the header ${name} needs the environment variable ${from.env}`;
  if (value === undefined) return [`${where}, which is not set`];
  if (value.trim() === '') return [`${where}, which is empty`];
  return SENDABLE.test(value) ? [] : [`${where}, which holds a line break or a character that no header can have`];
}

/** The load as it is sent, with what no record of it may hold and what TLS on its paths needs. */
export function reveal(load: Load, secrets: Secrets, more: Pick<SentLoad, 'hidden' | 'tls'>): SentLoad {
  const paths = load.paths.map((path, index) => {
    const own = secrets.filter((secret) => secret.path === index).map(({ name, value }) => [name, value]);
    return { ...path, request: { ...path.request, headers: { ...path.request.headers, ...Object.fromEntries(own) } } };
  });
  return { ...load, paths, ...more };
}

const UNKNOWN: Topology = { clusters: [], paths: [] };

/** The texts that no record of a run may hold. Names that the run is judged by are none of them. */
export function hiddenTexts(secrets: Secrets, scenario: Scenario, topology: Topology = UNKNOWN): string[] {
  const traces = secrets.flatMap(({ secret, value }) => [...tracesOf(secret), ...tracesOf(value)]);
  return hideable(traces, namesOf(scenario, topology));
}

function namesOf({ load, faults, expect }: Scenario, { clusters, paths }: Topology): string[] {
  const placed = expect.failoverOrder.flatMap(({ service, from }) => [service, from.zone]);
  return [
    ...clusters.flatMap(({ name, region, zones }) => [name, region, ...zones]),
    ...paths.flatMap(({ id, host }) => [id, host]),
    ...load.good.chain,
    ...faults.map(({ name }) => name),
    ...placed,
    ...expect.ejections.map(({ service }) => service),
  ];
}

/** The facts of a run without secrets in whatever people have written freely. */
export function redactHeader(header: RunHeader, redact: Redact): RunHeader {
  const { scenario } = header;
  return { ...header, scenario: redactScenario(scenario, redact), command: redact(header.command) };
}

/** A scenario without secrets in its texts, paths and headers; names and what faults are told stay as they are. */
export function redactScenario(scenario: Scenario, redact: Redact): Scenario {
  const { description, annotations, hypothesis, load, source } = scenario;
  const each = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, redact(text)]));
  const paths = load.paths.map((path) => {
    const { headers, path: target } = path.request;
    return { ...path, request: { ...path.request, path: redact(target), headers: each(headers) } };
  });
  return {
    ...scenario,
    ...(description === undefined ? {} : { description: redact(description) }),
    annotations: each(annotations),
    hypothesis: redact(hypothesis),
    load: { ...load, paths },
    source: { ...source, text: redact(source.text) },
  };
}

/** An event without secrets in its words, which may be those of a target, an engine or an error. */
export function redactEvent(event: UnstampedEvent, redact: Redact): UnstampedEvent {
  if (event.type === 'load') return { ...event, degraded: event.degraded.map(redact) };
  if (event.type === 'notice') return { ...event, text: redact(event.text) };
  if ('reason' in event && event.reason !== undefined) return { ...event, reason: redact(event.reason) };
  if ('detail' in event && event.detail !== undefined)
    return { ...event, detail: redact(event.detail) } as UnstampedEvent;
  return event;
}
