import type { HistoryEvent, RunHeader } from '../../model/history.ts';
import type { Hop, RequestRecord } from '../../model/record.ts';
import { emptyRecord, encodeChain, encodeHeader, encodePath, encodeRequest } from '../../model/record-codec.ts';
import {
  endpointsOf,
  faultHeader,
  hitBy,
  ipOf,
  orderOf,
  pathId,
  podsOf,
  type Shape,
  serviceOf,
  topologyOf,
  zoneOf,
} from './big-world.ts';
import { HistoryBuilder } from './history-builder.ts';
import { seeded } from './record-file.ts';

const PER_TEXT = 20_000;
/** Shares of the run: faults come one by one from the first to the last, the undo at the end of the hold. */
const BASELINE_UNTIL = 0.2;
const HOLD_UNTIL = 0.6;
/** Share of its stage for which a fault makes requests fail. */
const OUTAGE = 0.1;

const at = ({ seconds }: Shape, share: number): number => Math.floor(seconds * 1e6 * share);
const rateOf = ({ records, paths, seconds }: Shape): number => records / paths / seconds;
const stageLength = ({ faults }: Shape): number => (HOLD_UNTIL - BASELINE_UNTIL) / Math.max(1, faults);

function headerOf(shape: Shape): RunHeader {
  const faults = Array.from({ length: shape.faults }, (_, fault) => faultHeader(shape, fault));
  const services = Array.from({ length: shape.services }, (_, service) => serviceOf(service));
  return {
    runId: '20261122-000000-big',
    tool: { name: 'faultline', version: '0.0.0' },
    target: { name: 'generated', kind: 'clusters' },
    topology: topologyOf(shape),
    versions: {},
    command: 'faultline run generated.yaml',
    faults,
    scenario: {
      name: 'generated',
      annotations: {},
      hypothesis: 'Callers are served by the next zone.',
      load: {
        paths: [],
        ratePerSecond: rateOf(shape),
        timeoutMs: 2000,
        connections: 'kept',
        chain: { from: { kind: 'body' }, hop: '-> {service}({zone}, {ip})' },
        good: { status: 200, chain: services, latencyMs: 1000 },
      },
      phases: {
        baselineMs: at(shape, 0.2) / 1000,
        holdMs: at(shape, 0.4) / 1000,
        recoverMs: at(shape, 0.4) / 1000,
      },
      faults: faults.map(({ name, kind }) => ({ name, kind, afterMs: 0, spec: {} })),
      expect: {
        steadyState: { goodAtLeast: 0.99, sameZoneAtLeast: 0.99 },
        failoverOrder: faults.map((_, fault) => orderOf(shape, fault)),
        recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 },
        errorBudget: { perPath: 1000, perCaller: 1000 },
        unaffected: { except: faults.map((_, fault) => ({ zone: zoneOf(hitBy(shape, fault)) })) },
        ejections: [{ service: serviceOf(1), atLeast: 1 }],
        failback: { withinMs: 15_000 },
      },
      source: { file: 'generated.yaml', text: '', sha256: '' },
    },
  };
}

/** What a run of a shape leaves: its phases, endpoints, faults and ejections. */
export function bigHistory(shape: Shape): HistoryEvent[] {
  const run = headerOf(shape);
  const inject = at(shape, BASELINE_UNTIL);
  const undo = at(shape, HOLD_UNTIL);
  const history = new HistoryBuilder()
    .at(0, { type: 'run-start', run })
    .at(1, { type: 'phase-start', phase: 'baseline' })
    .at(inject, { type: 'phase-end', phase: 'baseline' })
    .at(inject, { type: 'phase-start', phase: 'hold' })
    .at(undo, { type: 'phase-end', phase: 'hold' })
    .at(undo + 2000, { type: 'phase-start', phase: 'recover' })
    .at(at(shape, 1), { type: 'phase-end', phase: 'recover' })
    .at(at(shape, 1), { type: 'load', counts: [], lateP99: 900, degraded: [] })
    .at(at(shape, 1), { type: 'run-end', status: 'completed' });
  for (const { name } of run.topology.clusters) {
    history
      .at(2, { type: 'endpoints', cluster: name, endpoints: endpointsOf(shape, name) })
      .at(3, { type: 'mesh-telemetry', cluster: name, readable: true, detail: 'all sidecars answer' })
      .at(at(shape, 1) - 1, { type: 'leftovers', cluster: name, objects: [] });
  }
  for (const [fault, header] of run.faults.entries()) addFault(history, shape, fault, header.cluster);
  return history.build();
}

function addFault(history: HistoryBuilder, shape: Shape, fault: number, cluster: string): void {
  const start = at(shape, BASELINE_UNTIL + fault * stageLength(shape));
  const undo = at(shape, HOLD_UNTIL);
  const step = { type: 'fault', fault: `fault-${fault}` } as const;
  const zone = hitBy(shape, fault);
  const caller = { cluster, pod: `${serviceOf(0)}-${zone}-0`, zone: zoneOf(zone), service: serviceOf(1) };
  history
    .at(10 + fault, { type: 'ejections', ...caller, active: 0, enforcedTotal: 2 * fault, overflow: 0 })
    .at(start + 1, { ...step, step: 'requested' })
    .at(start + 2, { ...step, step: 'acknowledged' })
    .at(start + 100, { ...step, step: 'proven' })
    .at(start + 200, { type: 'ejections', ...caller, active: 2, enforcedTotal: 2 * fault + 2, overflow: 0 })
    .at(undo + fault, { ...step, step: 'undo-requested' })
    .at(undo + 1000 + fault, { ...step, step: 'undone', objects: [] });
}

/** The chains of one path: at home, and with everything behind the first hop in the next zone. */
function* chainLines(shape: Shape, path: number, random: () => number): Generator<string> {
  const pods = podsOf(shape);
  for (const away of [0, 1]) {
    for (let variant = 0; variant < shape.chainsPerPlace; variant++) {
      const hops = Array.from({ length: shape.services }, (_, service): Hop => {
        const mixed = shape.mixedZones === true ? Math.floor(random() * shape.paths) : away;
        const zone = service === 0 ? path : (path + mixed) % shape.paths;
        const pod = Math.floor(variant / pods ** Math.min(service, 3)) % pods;
        return { service: serviceOf(service), zone: zoneOf(zone), ip: ipOf(zone, service, pod) };
      });
      yield encodeChain((path * 2 + away) * shape.chainsPerPlace + variant, { hops, rest: '' });
    }
  }
}

/** When callers of a path first met a fault; Infinity for never. */
function firstHit(shape: Shape, path: number): number {
  for (let fault = 0; fault < shape.faults; fault++) {
    if (hitBy(shape, fault) === path) return BASELINE_UNTIL + fault * stageLength(shape);
  }
  return Number.POSITIVE_INFINITY;
}

type PathState = { readonly hit: number };

/** Fills in one request: where it went, and whether it failed. */
function send(shape: Shape, record: RequestRecord, { hit }: PathState, random: () => number): void {
  const share = record.due / at(shape, 1);
  const isOn = share > BASELINE_UNTIL && share < HOLD_UNTIL;
  const since = (share - BASELINE_UNTIL) % stageLength(shape);
  const isHit = share - hit < OUTAGE * stageLength(shape) && share >= hit;
  const isFailing =
    isOn && shape.faults > 0 && (isHit || (shape.allFail === true && since < OUTAGE * stageLength(shape)));
  const away = isOn && share > hit ? 1 : 0;
  record.start = record.due + 90;
  record.end = record.due + 2000 + Math.floor(random() * 4000);
  record.status = isFailing ? 503 : 200;
  const variant = Math.floor(random() * shape.chainsPerPlace);
  record.chain = isFailing ? -1 : (record.path * 2 + away) * shape.chainsPerPlace + variant;
}

/**
 * The record file of a shape, in pieces, without keeping it. Paths take turns; ends jitter, so neighbours of a path come in
 * swapped order.
 */
export function* bigRecords(shape: Shape): Generator<string> {
  const random = seeded(42);
  yield encodeHeader({ format: 'faultline/requests', v: 1, engine: 'generated' });
  const paths = Array.from({ length: shape.paths }, (_, path): PathState => ({ hit: firstHit(shape, path) }));
  for (const path of paths.keys()) {
    yield encodePath(path, pathId(path));
    yield* chainLines(shape, path, random);
  }
  const record = { ...emptyRecord(), ended: 'response' as const };
  const perPath = Math.floor(shape.records / shape.paths);
  let lines: string[] = [];
  for (let turn = 0; turn < perPath; turn++) {
    record.seq = (turn ^ 1) < perPath ? turn ^ 1 : turn;
    for (const [path, state] of paths.entries()) {
      record.path = path;
      record.due = Math.floor((record.seq * 1e6) / rateOf(shape)) + path;
      send(shape, record, state, random);
      lines.push(encodeRequest(record));
    }
    if (lines.length < PER_TEXT) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}
