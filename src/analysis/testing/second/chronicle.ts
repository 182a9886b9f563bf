import type { AffectedPod, LoadCounts } from '../../../model/history.ts';
import { LATE } from '../../../model/record.ts';
import type { RecordedScenario } from '../../../model/scenario.ts';
import type { Endpoint } from '../../../model/target.ts';
import type { Drill } from './drill.ts';
import type { Fault } from './fault.ts';
import type { Happening } from './happening.ts';
import { ejectionEvents } from './telemetry.ts';
import type { Pod } from './world.ts';

/** Everything that a run writes into its history. */
export function chronicle(drill: Drill): Happening[] {
  const { times } = drill;
  const done = times.end + 9_000;
  return [
    runStart(drill),
    ...endpointEvents(drill),
    ...phases(drill),
    ...drill.faults.flatMap((fault) => stepsOf(fault)),
    ...ejectionEvents(drill),
    {
      type: 'steady-state',
      t: times.inject - 3_000,
      when: 'before',
      holds: true,
      detail: 'the requests in the baseline were good',
    },
    { type: 'load', t: done, counts: counted(drill), lateP99: 3_900, degraded: [] },
    ...[...new Set(drill.faults.map((fault) => fault.cluster))].map(
      (cluster): Happening => ({ type: 'leftovers', t: done + 6_000, cluster, objects: [] }),
    ),
    { type: 'run-end', t: done + 10_000, status: drill.status },
  ];
}

function phases({ times }: Drill): Happening[] {
  const edges = [
    ['baseline', times.baseline, times.inject - 30_000],
    ['inject', times.inject, times.hold - 100],
    ['hold', times.hold, times.undo],
    ['undo', times.undo + 100, times.recover - 1_000],
    ['recover', times.recover, times.end],
  ] as const;
  return edges.flatMap(([phase, from, to]): Happening[] => [
    { type: 'phase-start', t: from, phase },
    { type: 'phase-end', t: Math.max(from + 1, to), phase },
  ]);
}

function runStart(drill: Drill): Happening {
  const { world, faults } = drill;
  const scenario: RecordedScenario = {
    name: 'made-up',
    annotations: {},
    hypothesis: 'When the fault comes, traffic moves to the next place and comes home afterwards.',
    load: drill.load,
    phases: drill.phases,
    faults: faults.map((fault) => ({
      name: fault.name,
      kind: fault.kind,
      afterMs: fault.options.afterMs ?? 0,
      spec: { cluster: fault.cluster },
    })),
    expect: drill.expect,
    source: { file: 'made-up.yaml', text: '', sha256: '' },
  };
  return {
    type: 'run-start',
    t: 9_000,
    run: {
      runId: '20261004t063000z-qqqq',
      tool: { name: 'faultline', version: '0.1.0' },
      target: { name: 'made-up', kind: 'clusters' },
      scenario,
      topology: {
        clusters: world.clusters.map((cluster, i) => ({
          ...cluster,
          uid: `00000000-0000-4000-8000-00000000000${i}`,
          server: `https://10.${i + 1}.255.1:6443`,
          version: 'v1.36.4',
        })),
        paths: world.paths,
      },
      versions: {
        node: 'v24.21.0',
        platform: 'linux-x64',
        kubernetes: 'v1.36.4',
        ...(drill.options.mesh === undefined ? {} : { istio: drill.options.mesh.replace('istio ', '') }),
      },
      command: 'faultline run made-up.yaml',
      faults: faults.map((fault) => ({
        name: fault.name,
        kind: fault.kind,
        cluster: fault.cluster,
        summary: `${fault.kind} in ${fault.zone}`,
        signature: fault.kind === 'podKill' ? 'restarts' : 'stops-serving',
        affected: fault.affected.map(affectedPod),
      })),
    },
  };
}

function affectedPod(pod: Pod): AffectedPod {
  const { cluster, namespace, zone, workload, name, ip } = pod;
  return { cluster, namespace, zone, workload, pod: name, ip };
}

function stepsOf(fault: Fault): Happening[] {
  const { name } = fault;
  const observed = fault.kind !== 'zoneBlackhole';
  const seen = fault.kind === 'imageSwap' ? { affected: fault.dead.map(affectedPod) } : {};
  const oneShot = fault.kind === 'podKill';
  return [
    { type: 'fault', t: fault.requested, fault: name, step: 'requested', detail: `${fault.kind} in ${fault.zone}` },
    { type: 'fault', t: fault.acked, fault: name, step: 'acknowledged' },
    {
      type: 'fault',
      t: fault.proven,
      fault: name,
      step: 'proven',
      observed,
      detail: 'read back',
      ...(observed ? { effective: Math.min(fault.proven, fault.effect + 2_000) } : {}),
      ...seen,
    },
    { type: 'fault', t: fault.undoRequested, fault: name, step: 'undo-requested' },
    {
      type: 'fault',
      t: fault.undone,
      fault: name,
      step: 'undone',
      detail: 'everything is back',
      objects: fault.affected.slice(0, 1).map((pod) => ({
        cluster: fault.cluster,
        kind: oneShot ? 'Pod' : fault.kind === 'imageSwap' ? 'Deployment' : 'NetworkPolicy',
        namespace: pod.namespace,
        name: oneShot ? pod.name : pod.workload,
        change: fault.kind,
        ...(oneShot ? {} : { before: '{"image":"good"}', during: '{"image":"bad"}', after: '{"image":"good"}' }),
        state: oneShot ? 'one-shot' : 'put-back',
      })),
    },
  ];
}

/** The endpoints of each cluster at the start and after every change. */
function endpointEvents(drill: Drill): Happening[] {
  const hosts = drill.hosts.filter((host) => host.to > 0);
  const events: Happening[] = [];
  for (const cluster of drill.world.clusters) {
    const own = hosts.filter((host) => host.pod.cluster === cluster.name);
    const edges = own.flatMap((host) => [host.from, host.to, ...(host.unready ?? [])]).filter((t) => t > 0);
    const times = [0, ...new Set(edges.filter((t) => t < drill.times.end))].sort((a, b) => a - b);
    for (const at of times) {
      const there = own.filter((host) => host.from <= at && at < host.to);
      const endpoints = there.map(({ pod, unready }): Endpoint => {
        const { region, zone, namespace, service, workload, name, ip } = pod;
        const ready = !(unready !== undefined && unready[0] <= at && at < unready[1]);
        return { cluster: cluster.name, region, zone, namespace, service, workload, pod: name, ip, ready };
      });
      events.push({ type: 'endpoints', t: at === 0 ? 60_000 : at + 3_000, cluster: cluster.name, endpoints });
    }
  }
  return events;
}

/** What the engine counted, from the requests themselves. */
function counted(drill: Pick<Drill, 'requests' | 'world'>): LoadCounts[] {
  const rows = drill.world.paths.map((path) => ({ path: path.id, due: 0, sent: 0, dropped: 0, late: 0 }));
  for (const request of drill.requests) {
    const row = rows[request.path];
    if (row === undefined) continue;
    row.due++;
    if (request.ended === 'dropped') row.dropped++;
    else row.sent++;
    if (request.start - request.due > LATE) row.late++;
  }
  return rows;
}
