import type { Finding } from '../../model/finding.ts';
import type { HistoryEvent } from '../../model/history.ts';
import type { Evidence } from '../../model/result.ts';
import type { Facts, FaultFacts } from '../timeline/history.ts';
import { describe } from './evidence-text.ts';
import { type Example, exampleId } from './example.ts';

const MAX_ROWS = 500;
/** Rows named by one finding: the first ones say it all. */
export const MAX_PER_FINDING = 8;
/** Findings that a row names: of a thousand paths each has one that names the fault. */
const MAX_USERS = 20;
const MAX_RAW = 8192;

/** The id of a history event's row. */
export function eventId(event: HistoryEvent): string {
  return `e${event.seq}`;
}

/** Ids of the events that tell the life of a fault. */
export function faultEvidence(fault: FaultFacts): string[] {
  return fault.events.map(eventId).slice(0, MAX_PER_FINDING);
}

/** What a row is made of; only those that are kept are made. */
type Draft = { readonly id: string } & ({ readonly event: HistoryEvent } | { readonly example: Example });

/** Keeps the requests that findings name until the rows are made. */
export class EvidenceLog {
  readonly #requests = new Map<string, Example>();
  readonly #facts: Facts;
  readonly #texts: readonly string[];

  /** `texts`: the words of errors by their index. */
  constructor(facts: Facts, texts: readonly string[]) {
    this.#facts = facts;
    this.#texts = texts;
  }

  /** Ids of the requests given; each gets a row. */
  requests(...examples: readonly (Example | undefined)[]): string[] {
    const ids: string[] = [];
    for (const example of examples) {
      if (example === undefined || example.pathIndex < 0) continue;
      this.#requests.set(exampleId(example), example);
      ids.push(exampleId(example));
    }
    return [...new Set(ids)];
  }

  /** Rows in time order: what findings use first, then other events until the limit. */
  rows(findings: readonly Finding[], pathIds: ReadonlyMap<number, string>): { rows: Evidence[]; leftOut: number } {
    const users = new Map<string, string[]>();
    for (const finding of findings) {
      for (const id of finding.evidence) {
        const ids = users.get(id);
        if (ids === undefined) users.set(id, [finding.id]);
        else if (ids.length < MAX_USERS) ids.push(finding.id);
      }
    }
    const usedBy = (id: string): string[] => users.get(id) ?? [];
    const all: Draft[] = [
      ...this.#facts.events.map((event) => ({ id: eventId(event), event })),
      ...[...this.#requests].map(([id, example]) => ({ id, example })),
    ];
    // Every second brings some of what proxies counted, and of what queries were: those that no finding names would be all there is to see.
    const isTold = (draft: Draft): boolean => !('event' in draft) || !OFTEN.has(draft.event.type);
    // A cluster may tell Events all the time, and what else was seen is not to be lost among them.
    const isEvent = (draft: Draft): boolean => 'event' in draft && draft.event.type === 'kube-event';
    const [used, rest] = [
      all.filter(({ id }) => users.has(id)),
      all.filter((draft) => !users.has(draft.id) && isTold(draft)),
    ];
    const others = [...rest.filter((draft) => !isEvent(draft)), ...rest.filter(isEvent)];
    const rows = [...used, ...others]
      .slice(0, MAX_ROWS)
      .map((draft) =>
        'event' in draft
          ? eventRow(draft.event, this.#facts, usedBy(draft.id))
          : requestRow(draft.id, draft.example, this.#facts, pathIds, this.#texts, usedBy(draft.id)),
      );
    return {
      rows: rows.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)),
      leftOut: used.length + others.length - rows.length,
    };
  }
}

function requestRow(
  id: string,
  example: Example,
  facts: Facts,
  pathIds: ReadonlyMap<number, string>,
  texts: readonly string[],
  usedBy: readonly string[],
): Evidence {
  const { pathIndex, error, chain, text: textIndex, ...times } = example;
  const words = texts[textIndex];
  const path = pathIds.get(pathIndex) ?? String(pathIndex);
  const took = `${((example.end - example.due) / 1000).toFixed(1)} ms`;
  const hops =
    chain?.hops.map(({ service, zone, pod, ip }) => `${service || pod || ip || '?'}(${zone || '?'})`).join(' > ') ?? '';
  const answer =
    (words === undefined ? error : `${error}: ${words}`) ??
    [`status ${example.status}`, hops, chain?.rest ?? ''].filter((part) => part !== '').join(', ');
  return {
    id,
    at: example.due,
    cluster: facts.header.topology.paths.find((known) => known.id === path)?.cluster ?? '',
    source: 'request',
    text: `${path} request ${example.seq}: ${answer}, ${took}`,
    raw: JSON.stringify({
      path,
      ...times,
      ...(error !== undefined && { error }),
      ...(words !== undefined && { text: words }),
      ...(chain !== undefined && { chain }),
    }),
    usedBy,
  };
}

function eventRow(event: HistoryEvent, facts: Facts, usedBy: readonly string[]): Evidence {
  const raw = JSON.stringify(event);
  const { seq, t, wall, type } = event;
  return {
    id: eventId(event),
    at: t,
    cluster: clusterOf(event, facts),
    source: SOURCES[type] ?? 'harness',
    text: describe(event),
    raw: raw.length <= MAX_RAW ? raw : JSON.stringify({ seq, t, wall, type, cut: `${raw.length} characters` }),
    usedBy,
  };
}

const OFTEN: ReadonlySet<HistoryEvent['type']> = new Set(['calls', 'query-value']);

const SOURCES: Partial<Record<HistoryEvent['type'], Evidence['source']>> = {
  endpoints: 'kubernetes',
  leftovers: 'kubernetes',
  'not-acted-on': 'kubernetes',
  'kube-event': 'kubernetes',
  'kube-events': 'kubernetes',
  ejections: 'mesh',
  'mesh-telemetry': 'mesh',
  calls: 'mesh',
  'calls-telemetry': 'mesh',
  routes: 'mesh',
};

function clusterOf(event: HistoryEvent, facts: Facts): string {
  if ('cluster' in event) return event.cluster;
  if (event.type !== 'fault') return '';
  return facts.faults.find((fault) => fault.name === event.fault)?.header?.cluster ?? '';
}
