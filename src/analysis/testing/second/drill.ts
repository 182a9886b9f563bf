import type { RunStatus } from '../../../model/history.ts';
import type { Expectations, Scenario } from '../../../model/scenario.ts';
import type { Micros } from '../../../model/units.ts';
import { type Fault, type FaultOptions, MILLI, makeFault } from './fault.ts';
import { type Host, hostsOf, Mesh } from './mesh.ts';
import type { Rng } from './rng.ts';
import { type Req, sendAll } from './traffic.ts';
import { makeWorld, type World } from './world.ts';

export type DrillOptions = {
  readonly zones?: readonly number[];
  readonly services?: number;
  readonly pods?: number;
  readonly requests?: number;
  readonly via?: readonly number[];
  readonly rate?: number;
  readonly timeoutMs?: number;
  readonly latencyMs?: number;
  readonly hopMs?: number;
  readonly baselineMs?: number;
  readonly holdMs?: number;
  readonly recoverMs?: number;
  readonly faults?: readonly FaultOptions[];
  readonly propagate?: boolean;
  readonly bare?: boolean;
  readonly mergeMs?: number;
  readonly connectMs?: number;
  /** From the undo request until the pods serve again. */
  readonly undoMs?: number;
  /** From `back` until a silent pod is let in again. */
  readonly readmitMs?: number;
  readonly replaceMs?: number;
  /** Istio's version as the header tells it; absent: unknown, as up to 1.30. */
  readonly mesh?: string;
  /** Last changes to the endpoints before traffic flows. */
  readonly hosts?: (
    hosts: Host[],
    drill: Times & { readonly world: World; readonly faults: readonly Fault[] },
  ) => Host[];
};

/** The phases of a run. */
type Times = {
  readonly baseline: Micros;
  readonly inject: Micros;
  readonly hold: Micros;
  readonly undo: Micros;
  readonly recover: Micros;
  readonly end: Micros;
};

/** A run that has happened, before it is written down. Kinds change `requests` and what is told of them. */
export type Drill = {
  readonly rng: Rng;
  readonly options: DrillOptions;
  readonly world: World;
  readonly load: Scenario['load'];
  readonly phases: Scenario['phases'];
  readonly times: Times;
  readonly faults: readonly Fault[];
  readonly mesh: Mesh;
  readonly hosts: readonly Host[];
  requests: Req[];
  expect: Expectations;
  status: RunStatus;
};

const DEFAULTS = {
  zones: [2, 2] as readonly number[],
  services: 3,
  pods: 1,
  requests: 1,
  rate: 25,
  timeoutMs: 2000,
  hopMs: 0.9,
  baselineMs: 10_000,
  holdMs: 16_000,
  recoverMs: 12_000,
  propagate: false,
  bare: false,
  mergeMs: 0,
  connectMs: 1500,
  readmitMs: 800,
  replaceMs: 300,
};

/** Runs a drill: by default two regions of two zones, one workload swapped, everything as it should be. */
export function run(rng: Rng, options: DrillOptions = {}): Omit<Drill, 'expect'> {
  const all = { ...DEFAULTS, ...options };
  const world = makeWorld(rng, all);
  const { baselineMs, holdMs, recoverMs } = all;
  const phases = { baselineMs, holdMs, recoverMs };
  const { faults, times } = schedule(rng, world, options, phases);
  const swapped = hostsOf(world, faults, all.replaceMs * MILLI);
  const hosts = options.hosts?.(swapped, { ...times, world, faults }) ?? swapped;
  const mesh = new Mesh(hosts, /\b1\.(3[1-9]|[4-9]\d)/.test(options.mesh ?? ''));
  const from = times.baseline + rng.int(2_000, 20_000);
  const readmit = Math.max(0, ...faults.map((fault) => fault.back)) + all.readmitMs * MILLI;
  const requests = sendAll(rng, world, mesh, faults, { ...all, from, to: times.end, readmit });
  const load = loadOf(world, options);
  return { rng, options, world, load, phases, times, faults, mesh, hosts, requests, status: 'completed' };
}

function schedule(
  rng: Rng,
  world: World,
  options: DrillOptions,
  phases: Scenario['phases'],
): { faults: Fault[]; times: Times } {
  const baseline = rng.int(250_000, 600_000);
  const inject = baseline + phases.baselineMs * MILLI + rng.int(15_000, 60_000);
  const faults = (options.faults ?? [{}]).map((fault, i) => makeFault(rng, world, fault, inject, i));
  const hold = Math.max(inject + 1_000, ...faults.map((fault) => fault.proven + 500));
  const undo = hold + phases.holdMs * MILLI;
  let at = undo + 300;
  for (const fault of [...faults].reverse()) {
    const takes = fault.kind === 'imageSwap' ? (options.undoMs ?? rng.between(250, 1500)) : rng.between(3, 40);
    fault.undoRequested = Math.round(at);
    fault.back = Math.round(at + takes * MILLI);
    fault.undone = Math.round(fault.back + rng.between(5_000, 60_000));
    at = fault.undone + 400;
  }
  const recover = Math.round(at + 2_000);
  return { faults, times: { baseline, inject, hold, undo, recover, end: recover + phases.recoverMs * MILLI } };
}

function loadOf(world: World, options: DrillOptions): Scenario['load'] {
  const names = [...new Set(world.paths.map((path) => path.name))];
  const via = world.paths
    .filter((path) => path.name === names[0])
    .map((path) => ({ cluster: path.cluster, zone: path.zone }));
  return {
    paths: names.map((name) => ({
      name,
      request: { method: 'GET', path: `/${name}`, host: 'shop.example', headers: {} },
      via: options.via === undefined ? 'each-gateway-zone' : via,
    })),
    ratePerSecond: options.rate ?? 25,
    timeoutMs: options.timeoutMs ?? 2000,
    connections: 'kept',
    chain: { from: { kind: 'body' }, hop: '-> {service}(version: {zone}, ip: {ip})' },
    good: {
      status: 200,
      chain: options.bare === true ? [] : world.services,
      latencyMs: options.latencyMs ?? 1000,
    },
  };
}
