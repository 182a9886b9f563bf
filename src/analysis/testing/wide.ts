import type { FaultHeader, HistoryEvent } from '../../model/history.ts';
import type { Chain } from '../../model/record.ts';
import { emptyRecord, encodeChain, encodeHeader, encodePath, encodeRequest } from '../../model/record-codec.ts';
import type { RunResult } from '../../model/result.ts';
import type { Expectations } from '../../model/scenario.ts';
import type { Topology } from '../../model/target.ts';
import { analyze } from '../index.ts';
import { HistoryBuilder } from './history-builder.ts';
import { chunks } from './record-file.ts';
import { CHAIN, headerOf } from './world.ts';

const SECOND = 1e6;

/**
 * A run with any number of paths, each in a zone of its own, and a right failover: the fault takes mockb from the first zone,
 * and the second one serves its callers at once. Seconds.
 */
type Wide = {
  readonly paths: number;
  readonly rate: number;
  readonly baseline: number;
  readonly stage: number;
  readonly home: number;
  readonly expect?: Partial<Expectations>;
  /** Numbers of the bad requests of a path, of all that it sends; in order. */
  readonly bad: (path: number, requests: number) => readonly number[];
};

const zoneOf = (path: number): string => `zone-${path}`;
const idOf = (path: number): string => `entry@tokyo/${zoneOf(path)}`;
const ipOf = (service: number, path: number): string => `10.${service}.${path >> 8}.${path & 255}`;
const hopsOf = (from: number, to: number): Chain['hops'] =>
  CHAIN.map((service, i) => {
    const at = i === 0 ? from : to;
    return { service, zone: zoneOf(at), ip: ipOf(i, at) };
  });

function topologyOf(paths: number): Topology {
  const zones = Array.from({ length: paths }, (_, path) => zoneOf(path));
  const place = { name: 'entry', cluster: 'tokyo', region: 'north', protocol: 'http', port: 80 } as const;
  return {
    clusters: [{ name: 'tokyo', region: 'north', zones, uid: 't', server: 'https://tokyo', version: 'v1.34.0' }],
    paths: zones.map((zone, path) => ({ ...place, id: idOf(path), zone, host: zone })),
  };
}

const FAULT: FaultHeader = {
  name: 'mockb-zone-0',
  kind: 'imageSwap',
  cluster: 'tokyo',
  summary: 'Swapped an image',
  signature: 'stops-serving',
  affected: [
    { cluster: 'tokyo', namespace: 'default', zone: zoneOf(0), workload: 'mockb', pod: 'mockb-0', ip: ipOf(1, 0) },
  ],
};

function historyOf(run: Wide): HistoryEvent[] {
  const inject = run.baseline * SECOND;
  const undo = inject + run.stage * SECOND;
  const end = undo + run.home * SECOND;
  const expect = { steadyState: { goodAtLeast: 0.99 }, failoverOrder: [], ejections: [], ...run.expect };
  const durations = { baselineMs: run.baseline * 1000, holdMs: run.stage * 1000, recoverMs: run.home * 1000 };
  const header = headerOf({
    rate: run.rate,
    timeoutMs: 2000,
    latencyMs: 1000,
    faults: [FAULT],
    expect,
    durations,
    topology: topologyOf(run.paths),
  });
  const step = { type: 'fault', fault: FAULT.name } as const;
  return new HistoryBuilder()
    .at(0, { type: 'run-start', run: header })
    .at(0, { type: 'phase-start', phase: 'baseline' })
    .at(inject, { type: 'phase-end', phase: 'baseline' })
    .at(inject, { ...step, step: 'requested' })
    .at(inject + 1000, { ...step, step: 'acknowledged' })
    .at(inject + 500_000, { ...step, step: 'proven', effective: inject + 2000 })
    .at(undo, { ...step, step: 'undo-requested' })
    .at(undo + 500_000, { ...step, step: 'undone', objects: [] })
    .at(undo + 500_000, { type: 'phase-start', phase: 'recover' })
    .at(end - 2, { type: 'phase-end', phase: 'recover' })
    .at(end - 1, { type: 'load', counts: [], lateP99: 0, degraded: [] })
    .at(end - 1, { type: 'leftovers', cluster: 'tokyo', objects: [] })
    .at(end, { type: 'run-end', status: 'completed' })
    .build();
}

function recordsOf(run: Wide): string {
  const requests = Math.floor((run.baseline + run.stage + run.home) * run.rate);
  const ids = Array.from({ length: run.paths }, (_, path) => path);
  const lines = [encodeHeader({ format: 'faultline/requests', v: 1, engine: 'generated' })];
  lines.push(...ids.map((path) => encodePath(path, idOf(path))));
  lines.push(...ids.map((path) => encodeChain(path, { hops: hopsOf(path, path), rest: '' })));
  lines.push(encodeChain(run.paths, { hops: hopsOf(0, 1), rest: '' }));
  const [inject, undo] = [run.baseline * SECOND, (run.baseline + run.stage) * SECOND];
  for (const path of ids) {
    const bad = new Set(run.bad(path, requests));
    for (let seq = 0; seq < requests; seq++) {
      const due = Math.floor(((seq + path / run.paths) * SECOND) / run.rate);
      const isAway = path === 0 && due >= inject && due < undo + 400_000;
      const record = {
        ...emptyRecord(),
        path,
        seq,
        due,
        start: due + 100,
        end: due + 3000,
        ended: 'response' as const,
      };
      lines.push(encodeRequest({ ...record, status: bad.has(seq) ? 503 : 200, chain: isAway ? run.paths : path }));
    }
  }
  return lines.join('');
}

/** Judges a wide run. */
export async function judgedWide(run: Wide): Promise<RunResult> {
  return analyze(historyOf(run), chunks(recordsOf(run), 1 << 20));
}
