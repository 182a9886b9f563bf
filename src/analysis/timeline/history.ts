import type {
  AffectedPod,
  FaultHeader,
  FaultStep,
  HistoryEvent,
  Phase,
  RunHeader,
  RunStatus,
  StopSignal,
  TouchedObject,
} from '../../model/history.ts';
import type { RecordedScenario } from '../../model/scenario.ts';
import { namingOf } from '../../model/service-names.ts';
import { isOfRef, refsNamed } from '../../model/service-ref.ts';
import type { Micros } from '../../model/units.ts';
import { emptyHeader } from './empty-header.ts';
import { type EjectionsReading, ejectionReadings, seenClusters } from './seen-ejections.ts';

/** An event of this type. */
export type EventOf<T extends HistoryEvent['type']> = Extract<HistoryEvent, { readonly type: T }>;
type PhaseMark = Extract<HistoryEvent, { readonly phase: Phase }>;
export type FaultEvent = EventOf<'fault'>;
export type EndpointsEvent = EventOf<'endpoints'>;
export type EjectionsEvent = EjectionsReading;
export type CallsEvent = EventOf<'calls'>;

/** What the history says about one fault. Times are absent where the step never came. */
export type FaultFacts = {
  readonly name: string;
  readonly header: FaultHeader | undefined;
  readonly events: readonly FaultEvent[];
  readonly requested?: Micros;
  readonly acknowledged?: Micros;
  /** The cluster's own evidence of the effect, never before the acknowledgement; only when proven. */
  readonly effective?: Micros;
  /** When the proof was complete. */
  readonly proven?: Micros;
  /** When it acted again after the first round: later effects are its own. */
  readonly wentOn: readonly Micros[];
  /** The proof read the objects back, and only requests can show that they have an effect. */
  readonly needsWitness: boolean;
  readonly notProven?: FaultEvent;
  /** The first look after the proof and before the undo that found the fault no longer on. */
  readonly wentOff?: FaultEvent;
  readonly undoRequested?: Micros;
  /** The last word of the undo. */
  readonly undo?: FaultEvent;
  readonly affected: readonly AffectedPod[];
  /** Those of the first round. */
  readonly affectedFirst: readonly AffectedPod[];
  readonly objects: readonly TouchedObject[];
};

type PhaseSpan = { readonly phase: Phase; readonly start: Micros; readonly end: Micros };

/** A history sorted into facts, so that nothing else needs to walk the events. Services have the scenario's names. */
export type Facts = {
  readonly header: RunHeader;
  readonly startedAt: string;
  /** Time of the last event. */
  readonly end: Micros;
  readonly status: RunStatus;
  readonly statusReason?: string;
  readonly signal?: StopSignal;
  /** True when the history has its last event. */
  readonly ended: boolean;
  readonly phases: readonly PhaseSpan[];
  /** Planned faults in order of the scenario, then any that only the history knows. */
  readonly faults: readonly FaultFacts[];
  readonly endpoints: readonly EndpointsEvent[];
  readonly ejections: readonly EjectionsEvent[];
  /** The same once more for each clause that names its Service by more than a name, under what is written there. */
  readonly refEjections: readonly EjectionsEvent[];
  /** Clusters whose ejections are known from the hosts of their proxies, read once a second, and not from statistics. */
  readonly ejectionsBySight: ReadonlySet<string>;
  /** What callers' proxies counted of the hosts that they called. */
  readonly calls: readonly CallsEvent[];
  /** The same, each once more for each clause that names its Service by more than a name, under what is written there. */
  readonly namedCalls: readonly CallsEvent[];
  readonly callsTelemetry: readonly EventOf<'calls-telemetry'>[];
  /** Routes by which counters do not tell of each request once. */
  readonly routes: readonly EventOf<'routes'>[];
  readonly telemetry: readonly EventOf<'mesh-telemetry'>[];
  readonly notActedOn: readonly EventOf<'not-acted-on'>[];
  readonly kubeEvents: readonly EventOf<'kube-event'>[];
  /** What the scenario's queries of Prometheus were. */
  readonly queryValues: readonly EventOf<'query-value'>[];
  /** Where Events could be read. */
  readonly eventCoverage: readonly EventOf<'kube-events'>[];
  readonly load?: EventOf<'load'>;
  readonly leftovers: readonly EventOf<'leftovers'>[];
  /** Stretches in which the target's own process stood still. */
  readonly blind: readonly EventOf<'blind'>[];
  /** Stretches in which the load generator stood still. */
  readonly stalls: readonly EventOf<'load-stall'>[];
  readonly events: readonly HistoryEvent[];
  /** Events that were written and are not there: each has its number. What they said is not known. */
  readonly lost: number;
  /** First injection request of any fault. */
  readonly firstInject?: Micros;
  readonly firstUndo?: Micros;
  /** End of the last undo, when every injected fault's undo has ended. */
  readonly undone?: Micros;
};

function eventsOf<T extends HistoryEvent['type']>(history: readonly HistoryEvent[], type: T): EventOf<T>[] {
  return history.filter((event): event is EventOf<T> => event.type === type);
}

function phaseSpans(history: readonly HistoryEvent[], end: Micros): PhaseSpan[] {
  const marks = history.filter((event): event is PhaseMark => 'phase' in event);
  const starts = marks.filter((event) => event.type === 'phase-start');
  return starts.map(({ phase, t }) => {
    const stop = marks.find((event) => event.type === 'phase-end' && event.phase === phase && event.t >= t);
    return { phase, start: t, end: stop?.t ?? end };
  });
}

const UNDO_ENDS: ReadonlySet<FaultStep> = new Set(['undone', 'undo-conflict', 'undo-failed']);

function faultFacts(
  name: string,
  header: FaultHeader | undefined,
  all: readonly FaultEvent[],
  lostBefore: (event: FaultEvent) => Micros | undefined,
): FaultFacts {
  const events = all.filter((event) => event.fault === name);
  const first = (step: FaultStep): FaultEvent | undefined => events.find((event) => event.step === step);
  // What came after it stands in the history, and events before that are lost: it has happened, no sooner than the first of them.
  const orLost = (event: FaultEvent | undefined, later: FaultEvent | undefined): Micros | undefined =>
    event?.t ?? (later && lostBefore(later));
  const requested = orLost(first('requested'), events[0]);
  const acknowledged = first('acknowledged')?.t;
  const proof = first('proven');
  const undo = events.findLast((event) => UNDO_ENDS.has(event.step));
  // Of the pods that may be degraded the proof names those that are.
  const isNamed = header?.signature === 'degrades' && proof?.affected !== undefined;
  const planned = isNamed ? [] : (header?.affected ?? []);
  const floor = acknowledged ?? requested ?? 0;
  return {
    name,
    header,
    events,
    ...present('requested', requested),
    ...present('acknowledged', acknowledged),
    ...present('effective', proof && Math.max(floor, proof.effective ?? proof.t)),
    ...present('proven', proof?.t),
    wentOn: events.filter((event) => event.step === 'went-on').map((event) => event.t),
    needsWitness: proof?.observed === false,
    ...present('undoRequested', orLost(first('undo-requested'), undo)),
    ...present('notProven', first('not-proven')),
    ...present('wentOff', proof && wentOff(events, proof)),
    ...present('undo', undo),
    affected: uniquePods([...planned, ...events.flatMap((event) => event.affected ?? [])]),
    affectedFirst: uniquePods([
      ...planned,
      ...events.flatMap((event) => (event.step === 'went-on' ? [] : (event.affected ?? []))),
    ]),
    objects: events.findLast((event) => event.objects !== undefined)?.objects ?? [],
  };
}

function wentOff(events: readonly FaultEvent[], proof: FaultEvent): FaultEvent | undefined {
  const undo = events.findIndex((event) => event.step === 'undo-requested');
  const on = events.slice(events.indexOf(proof), undo < 0 ? undefined : undo);
  return on.find((event) => event.step === 'not-proven');
}

/** A property that is absent rather than undefined. */
function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

function uniquePods(pods: readonly AffectedPod[]): AffectedPod[] {
  return [...new Map(pods.map((pod) => [`${pod.cluster}/${pod.namespace}/${pod.pod}/${pod.ip}`, pod])).values()];
}

const leastOf = (times: readonly (Micros | undefined)[]): Micros | undefined => {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

function undoneAt(faults: readonly FaultFacts[]): Micros | undefined {
  const injected = faults.filter((fault) => fault.requested !== undefined);
  const ends = injected.map((fault) => fault.undo?.t);
  if (ends.length === 0 || ends.includes(undefined)) return undefined;
  return Math.max(...ends.map((end) => end ?? 0));
}

function outcome(history: readonly HistoryEvent[]): Pick<Facts, 'status' | 'statusReason' | 'signal' | 'ended'> {
  const last = eventsOf(history, 'run-end').at(-1);
  if (last === undefined) {
    return { status: 'interrupted', statusReason: 'the history ends before the run did', ended: false };
  }
  return {
    status: last.status,
    ...present('statusReason', last.reason),
    ...present('signal', last.signal),
    ended: true,
  };
}

/** Numbers that no event has, up to the highest. */
function lostOf(history: readonly HistoryEvent[]): number {
  const numbers = new Set(history.map(({ seq }) => seq));
  const highest = history.reduce((most, { seq }) => Math.max(most, seq), -1);
  return highest + 1 - numbers.size;
}

/** When the event was written after which the last ones before a given one are lost; undefined where none before it are. */
function lossesOf(history: readonly HistoryEvent[]): (event: HistoryEvent) => Micros | undefined {
  const sorted = history.toSorted((a, b) => a.seq - b.seq);
  const before = sorted.filter(({ seq }, i) => (sorted[i + 1]?.seq ?? seq + 1) > seq + 1);
  return ({ seq }) => before.findLast((event) => event.seq < seq)?.t;
}

type Observed = Pick<Facts, 'endpoints' | 'ejections' | 'calls'>;
type Named = Pick<Facts, keyof Observed | 'refEjections' | 'namedCalls'>;
type OfService = { readonly service: string; readonly namespace?: string };

/** The same with the names that the scenario states for Services, and that its clauses write. */
function named({ services, expect }: RecordedScenario, { endpoints, ejections, calls }: Observed): Named {
  const refs = [...refsNamed(expect)];
  // What is asked of ejections alone is asked of no call.
  const { ejections: _, ...ofCalls } = expect;
  const called = refsNamed(ofCalls);
  const naming = services === undefined ? undefined : namingOf(services);
  const rename = <T extends OfService>(one: T): T =>
    naming === undefined ? one : { ...one, service: naming(one.namespace ?? '', one.service) };
  const refsOf = <T extends OfService & { readonly cluster: string }>(one: T): T[] => {
    const { service } = rename(one);
    return refs.flatMap(([text, ref]) => (text !== service && isOfRef(ref, one) ? [{ ...one, service: text }] : []));
  };
  const renamed = naming === undefined ? calls : calls.map(rename);
  return {
    endpoints:
      naming === undefined
        ? endpoints
        : endpoints.map((event) => ({ ...event, endpoints: event.endpoints.map(rename) })),
    ejections: ejections.map(rename),
    refEjections: ejections.flatMap(refsOf),
    calls: renamed,
    namedCalls:
      called.size === 0
        ? renamed
        : calls.flatMap((event) => [rename(event), ...refsOf(event).filter(({ service }) => called.has(service))]),
  };
}

/** Sorts a history, whole or torn, into facts. */
export function readFacts(history: readonly HistoryEvent[]): Facts {
  const start = eventsOf(history, 'run-start')[0];
  const header = start?.run ?? emptyHeader();
  const events = eventsOf(history, 'fault');
  const planned = new Map(header.faults.map((fault) => [fault.name, fault]));
  const names = new Set(
    [...header.scenario.faults, ...header.faults, ...events.map((e) => ({ name: e.fault }))].map((f) => f.name),
  );
  const lostBefore = lossesOf(history);
  const faults = [...names].map((name) => faultFacts(name, planned.get(name), events, lostBefore));
  const end = history.reduce((latest, event) => Math.max(latest, event.t), 0);
  const firstInject = leastOf(faults.map((fault) => fault.requested));
  const undone = undoneAt(faults);
  const told = {
    ejections: eventsOf(history, 'ejections'),
    calls: eventsOf(history, 'calls'),
    telemetry: eventsOf(history, 'mesh-telemetry'),
    callsTelemetry: eventsOf(history, 'calls-telemetry'),
  };
  const recorded = { ...told, from: firstInject ?? 0, to: undone ?? end };
  const ejectionsBySight = seenClusters(recorded);
  return {
    header,
    startedAt: start?.wall ?? history[0]?.wall ?? '',
    end,
    ...outcome(history),
    phases: phaseSpans(history, end),
    faults,
    ...named(header.scenario, {
      endpoints: eventsOf(history, 'endpoints'),
      ejections: ejectionReadings(recorded, ejectionsBySight),
      calls: told.calls,
    }),
    ejectionsBySight,
    callsTelemetry: told.callsTelemetry,
    routes: eventsOf(history, 'routes'),
    telemetry: told.telemetry,
    notActedOn: eventsOf(history, 'not-acted-on'),
    kubeEvents: eventsOf(history, 'kube-event'),
    queryValues: eventsOf(history, 'query-value'),
    eventCoverage: eventsOf(history, 'kube-events'),
    ...present('load', eventsOf(history, 'load').at(-1)),
    leftovers: eventsOf(history, 'leftovers'),
    blind: eventsOf(history, 'blind'),
    stalls: eventsOf(history, 'load-stall'),
    events: history,
    lost: lostOf(history),
    ...present('firstInject', firstInject),
    ...present('firstUndo', leastOf(faults.map((fault) => fault.undoRequested))),
    ...present('undone', undone),
  };
}
