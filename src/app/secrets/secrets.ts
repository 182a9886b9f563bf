import { hideTold } from '../../model/credentials.ts';
import { FaultlineError } from '../../model/errors.ts';
import { servicesOf } from '../../model/good.ts';
import type { RunHeader } from '../../model/history.ts';
import type { SentLoad, UnstampedEvent } from '../../model/ports.ts';
import { hideable, type Redact, redactor, tracesOf, wholeTraces } from '../../model/redact.ts';
import type { Load, RecordedScenario, Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/target.ts';
import { tracesOfPlans } from '../../model/told.ts';
import type { PlannedRun } from '../../run/planned-run.ts';
import { shownCommands, shownObject } from '../../run/shown.ts';
import { type SecretHeader, type SecretText, secretBodies, secretHeaders } from '../../scenario/index.ts';

/** Where a secret stands in a request: a header, or a place in its body by JSON pointer. */
type SecretPlace = { readonly header: string } | { readonly pointer: string };

/** The secrets of a scenario with their values, for the run that sends them. */
export type Secrets = readonly {
  /** Position of its request in spec.load.paths. */
  readonly path: number;
  readonly place: SecretPlace;
  /** What is sent. */
  readonly value: string;
  /** The part of it that is secret. */
  readonly secret: string;
}[];

type Environment = Readonly<Record<string, string | undefined>>;

/** What a header can hold: one line of Latin-1. */
export const SENDABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The secrets of a valid scenario, those from the environment included. Throws FaultlineError ENV_MISSING with every
 * variable that cannot be used, each with its place.
 */
export function readSecrets(text: string, file: string, env: Environment): Secrets {
  const headers = secretHeaders(text);
  const bodies = secretBodies(text);
  const problems = [
    ...headers.flatMap((header) => problemOf(header, `the header ${header.name}`, file, env)),
    ...bodies.flatMap((body) => problemOf(body, 'the body', file, env)),
  ];
  if (problems.length > 0) {
    throw new FaultlineError('ENV_MISSING', problems.join('\n'), {
      hint: 'Set it in the environment that faultline is started with; nothing was touched.',
    });
  }
  const secretOf = (from: SecretHeader['from'] | SecretText['from']) =>
    'literal' in from ? from.literal : (env[from.env] ?? '');
  return [
    ...headers.map(({ path, name, from }) => {
      const secret = secretOf(from);
      return { path, place: { header: name }, secret, value: 'literal' in from ? secret : from.prefix + secret };
    }),
    ...bodies.map(({ path, pointer, from }) => {
      const secret = secretOf(from);
      return { path, place: { pointer }, secret, value: secret };
    }),
  ];
}

function problemOf(
  { from, at, ...secret }: SecretHeader | SecretText,
  what: string,
  file: string,
  env: Environment,
): string[] {
  if ('literal' in from) return [];
  const value = env[from.env];
  const where = `${file}:${at.line}:${at.column}: ${what} needs the environment variable ${from.env}`;
  if (value === undefined) return [`${where}, which is not set`];
  if (value.trim() === '') return [`${where}, which is empty`];
  return 'pointer' in secret || SENDABLE.test(value)
    ? []
    : [`${where}, which holds a line break or a character that no header can have`];
}

/** The load as it is sent, with what no record of it may hold and what TLS on its paths needs. */
export function reveal(load: Load, secrets: Secrets, more: Omit<SentLoad, keyof Load>): SentLoad {
  const paths = load.paths.map((path, index) => {
    const own = secrets.flatMap((secret) =>
      secret.path === index && 'header' in secret.place ? [[secret.place.header, secret.value]] : [],
    );
    return { ...path, request: { ...path.request, headers: { ...path.request.headers, ...Object.fromEntries(own) } } };
  });
  return { ...load, paths, ...more };
}

const UNKNOWN: Topology = { clusters: [], paths: [] };

/** The texts that no record of a run may hold. Names that the run is judged by are none of them. */
export function hiddenTexts(secrets: Secrets, scenario: Scenario, topology: Topology = UNKNOWN): string[] {
  const traces = secrets.flatMap(({ place, secret, value }) => {
    const parts = 'pointer' in place && place.pointer === '' ? textsOf(secret) : [];
    return [secret, value, ...parts].flatMap(tracesOf);
  });
  return hideable(traces, namesOf(scenario, topology));
}

/** The same of what the plans of a run keep of credentials that workloads were told. */
export function hiddenInPlans({ faults, scenario, topology }: PlannedRun): string[] {
  return hideable(tracesOfPlans(faults.map(({ plan }) => plan)), namesOf(scenario, topology));
}

/** A shorter text is a word that may stand anywhere (`currency: euro`, namespace `default`). */
const SHORTEST_TEXT = 8;

/**
 * Refuses a scenario that tells a fault a secret: it would stand in the cluster, in the plans that undo the fault, and in every
 * record of the run. `hidden`: the texts by which secrets are known. Throws FaultlineError FAULT_REFUSED.
 */
export function refuseToldSecrets({ faults }: Pick<RecordedScenario, 'faults'>, hidden: readonly string[]): void {
  const redact = redactor(wholeTraces(hidden).filter((text) => text.length >= SHORTEST_TEXT));
  for (const { name, spec } of faults) {
    const told = JSON.stringify(spec);
    if (redact(told) === told) continue;
    throw new FaultlineError('FAULT_REFUSED', `the fault ${name} holds the value of a secret of this scenario`, {
      hint: 'What a fault is told stands in the cluster and in every record of the run. Tell it something that is no secret.',
    });
  }
}

/** The texts in a body that is JSON; none where it is something else. */
function textsOf(body: string): string[] {
  const found: string[] = [];
  try {
    JSON.parse(body, (_, value: unknown) => {
      if (typeof value === 'string' && value.length >= SHORTEST_TEXT) found.push(value);
    });
  } catch {
    return [];
  }
  return found;
}

function namesOf({ load, faults, expect }: Scenario, { clusters, paths }: Topology): string[] {
  return [
    ...clusters.flatMap(({ name, region, zones }) => [name, region, ...zones]),
    ...paths.flatMap(({ id, host }) => [id, host]),
    ...servicesOf(load),
    ...faults.map(({ name }) => name),
    ...textsIn(expect),
  ];
}

/** All texts of a clause, whatever it names by them: services, places, rules of alerts. */
function textsIn(clause: unknown): string[] {
  if (typeof clause === 'string') return [clause];
  return typeof clause === 'object' && clause !== null ? Object.values(clause).flatMap(textsIn) : [];
}

/** The facts of a run without secrets in whatever people have written freely. */
export function redactHeader(header: RunHeader, redact: Redact): RunHeader {
  const { scenario } = header;
  const shown = { ...header, scenario: redactScenario(scenario, redact), command: redact(header.command) };
  return header.recover === undefined ? shown : { ...shown, recover: redact(header.recover) };
}

/** A scenario without secrets in its texts, paths, headers and what faults are told; names stay as they are. */
export function redactScenario<Known extends RecordedScenario>(scenario: Known, redact: Redact): Known {
  const { description, annotations, hypothesis, load, source } = scenario;
  const each = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, redact(text)]));
  const paths = load.paths.map((path) => {
    const { headers, body, path: target } = path.request;
    const shown = body !== undefined && 'text' in body ? { body: { ...body, text: redact(body.text) } } : {};
    return { ...path, request: { ...path.request, path: redact(target), headers: each(headers), ...shown } };
  });
  const faults = scenario.faults.map((fault) => ({ ...fault, spec: redactDeep(fault.spec, redact) }));
  return {
    ...scenario,
    faults,
    ...(description === undefined ? {} : { description: redact(description) }),
    annotations: each(annotations),
    hypothesis: redact(hypothesis),
    load: { ...load, paths },
    source: { ...source, text: redact(source.text) },
  };
}

function redactStep(
  event: Extract<UnstampedEvent, { type: 'fault' }>,
  redact: Redact,
  recover: string,
): UnstampedEvent {
  const { detail, objects, commands } = event;
  return {
    ...event,
    ...(detail === undefined ? {} : { detail: redact(hideTold(detail)) }),
    ...(objects === undefined ? {} : { objects: objects.map((object) => shownObject(object, redact)) }),
    ...(commands === undefined ? {} : { commands: shownCommands(commands, redact, recover) }),
  };
}

function redactDeep<Value>(value: Value, redact: Redact): Value {
  if (typeof value === 'string') return redact(value) as Value;
  if (Array.isArray(value)) return value.map((one) => redactDeep(one, redact)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redactDeep(one, redact)])) as Value;
}

/**
 * An event without secrets in its words, which may be those of a target, an engine or an error. A command that would hold one gives way to
 * `recover`, which recovers the run.
 */
export function redactEvent(event: UnstampedEvent, redact: Redact, recover: string): UnstampedEvent {
  if (event.type === 'fault') return redactStep(event, redact, recover);
  if (event.type === 'leftovers') {
    const objects = event.objects.map(({ ref, command, held }) => {
      const [shown = recover] = shownCommands([command], redact, recover);
      return { ref, command: shown, ...(held === undefined ? {} : { held: redact(held) }) };
    });
    const { unread } = event;
    return { ...event, objects, ...(unread === undefined ? {} : { unread: redact(unread) }) };
  }
  if (event.type === 'load') return { ...event, degraded: event.degraded.map(redact) };
  if (event.type === 'notice') return { ...event, text: redact(event.text) };
  if (event.type === 'kube-event') return { ...event, message: redact(event.message) };
  if ('reason' in event && event.reason !== undefined) return { ...event, reason: redact(event.reason) };
  if ('detail' in event && event.detail !== undefined)
    return { ...event, detail: redact(event.detail) } as UnstampedEvent;
  return event;
}
