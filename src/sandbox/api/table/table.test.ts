import { expect } from 'chai';
import type { JsonMap } from '../json.ts';
import type { Resource } from '../resource.ts';
import { apiVersionOf, resourceOf } from '../resources.ts';
import { humanDuration } from './column.ts';
import { toTable } from './table.ts';

const NOW = new Date('2026-01-01T01:00:00Z');
const CREATED = '2026-01-01T00:00:00Z';

function print(resource: Resource, object: JsonMap): Record<string, unknown> {
  const metadata = { name: 'x', creationTimestamp: CREATED, ...(object.metadata as JsonMap | undefined) };
  const options = { version: 'v1', includeObject: 'None', now: NOW, metadata: {}, withColumns: true };
  const apiVersion = apiVersionOf(resource);
  const table = toTable(resource, [{ apiVersion, kind: resource.kind, ...object, metadata }], options);
  const columns = table.columnDefinitions as { name: string }[];
  const cells = (table.rows as { cells: unknown[] }[])[0]?.cells ?? [];
  return Object.fromEntries(columns.map((column, index) => [column.name, cells[index]]));
}

describe('tables', () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;
  const durations: readonly [number, string][] = [
    [-5 * second, '<invalid>'],
    [-second, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [9 * minute + 59 * second, '9m59s'],
    [10 * minute + 5 * second, '10m'],
    [3 * hour, '3h'],
    [3 * hour + 5 * minute, '3h5m'],
    [8 * hour + 5 * minute, '8h'],
    [47 * hour, '47h'],
    [2 * day + 3 * hour, '2d3h'],
    [8 * day + 3 * hour, '8d'],
    [800 * day, '2y70d'],
    [3000 * day, '8y'],
  ];
  for (const [ms, text] of durations) {
    it(`prints ${ms} ms as ${text}`, () => {
      expect(humanDuration(ms)).to.equal(text);
    });
  }

  const pod = resourceOf({ apiVersion: 'v1', kind: 'Pod' });
  const container = (state: JsonMap, more: JsonMap = {}): JsonMap => ({
    name: 'c',
    ready: false,
    restartCount: 0,
    state,
    ...more,
  });
  const podWith = (status: JsonMap, metadata: JsonMap = {}): JsonMap => ({
    metadata,
    spec: { containers: [{ name: 'c' }] },
    status,
  });
  const statuses: readonly [string, JsonMap, JsonMap, string][] = [
    ['pending', { phase: 'Pending' }, {}, 'Pending'],
    ['running', { phase: 'Running', containerStatuses: [container({ running: {} }, { ready: true })] }, {}, 'Running'],
    [
      'crash looping',
      { phase: 'Running', containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } })] },
      {},
      'CrashLoopBackOff',
    ],
    [
      'killed',
      { phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 137, signal: 9 } })] },
      {},
      'Signal:9',
    ],
    [
      'failed',
      { phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 1, reason: 'Error' } })] },
      {},
      'Error',
    ],
    ['evicted', { phase: 'Failed', reason: 'Evicted' }, {}, 'Evicted'],
    ['going', { phase: 'Running' }, { deletionTimestamp: CREATED }, 'Terminating'],
    [
      'initialising',
      {
        phase: 'Pending',
        initContainerStatuses: [container({ terminated: { exitCode: 0 } }), container({ running: {} })],
      },
      {},
      'Init:1/2',
    ],
  ];
  for (const [what, status, metadata, text] of statuses) {
    it(`says ${text} of a pod that is ${what}`, () => {
      expect(print(pod, podWith(status, metadata)).Status).to.equal(text);
    });
  }

  it('counts ready containers and restarts', () => {
    const ended = { lastState: { terminated: { finishedAt: '2026-01-01T00:55:00Z' } } };
    const status = {
      phase: 'Running',
      containerStatuses: [container({ running: {} }, { ready: true, restartCount: 3, ...ended })],
    };
    expect(print(pod, podWith(status))).to.include({ Ready: '1/1', Restarts: '3 (5m ago)', Age: '60m', IP: '<none>' });
  });

  it('prints what real servers print for the other kinds', () => {
    const row = (apiVersion: string, kind: string, object: JsonMap): Record<string, unknown> =>
      print(resourceOf({ apiVersion, kind }), object);
    const template = { spec: { containers: [{ name: 'c', image: 'i:1' }] } };
    expect(
      row('apps/v1', 'Deployment', {
        spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template },
        status: { readyReplicas: 1, updatedReplicas: 2 },
      }),
    ).to.deep.equal({
      Name: 'x',
      Ready: '1/2',
      'Up-to-date': 2,
      Available: 0,
      Age: '60m',
      Containers: 'c',
      Images: 'i:1',
      Selector: 'a=b',
    });
    expect(
      row('v1', 'Service', {
        spec: { type: 'LoadBalancer', clusterIP: '10.96.0.9', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }] },
      }),
    ).to.include({
      'External-IP': '<pending>',
      'Port(s)': '80:30080/TCP',
    });
    expect(
      row('v1', 'Node', {
        metadata: { labels: { 'node-role.kubernetes.io/worker': '' } },
        spec: { unschedulable: true },
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      }),
    ).to.include({
      Status: 'Ready,SchedulingDisabled',
      Roles: 'worker',
    });
    const endpoints = ['1', '2', '3', '4', '5'].map((last) => ({ addresses: [`10.0.0.${last}`] }));
    expect(
      row('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', ports: [{ port: 80 }], endpoints }),
    ).to.include({
      Ports: '80',
      Endpoints: '10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...',
    });
    expect(row('networking.istio.io/v1', 'VirtualService', { spec: { hosts: ['a'], gateways: ['mesh'] } })).to.include({
      Gateways: '["mesh"]',
      Hosts: '["a"]',
    });
    expect(row('k6.io/v1alpha1', 'TestRun', {}), 'a kind without columns').to.deep.equal({ Name: 'x', Age: '60m' });
    expect(
      row('batch/v1', 'Job', {
        spec: { template },
        status: { conditions: [{ type: 'Failed', status: 'True' }], startTime: CREATED },
      }),
    ).to.include({
      Status: 'Failed',
      Completions: '0/1',
      Duration: '60m',
    });
    expect(row('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {} } })).to.include({
      'Pod-Selector': '<none>',
    });
    expect(
      row('v1', 'Event', {
        type: 'Normal',
        reason: 'R',
        message: 'm',
        involvedObject: { kind: 'Pod', name: 'p' },
        firstTimestamp: CREATED,
      }),
    ).to.include({
      'Last Seen': '60m',
      Object: 'pod/p',
    });
  });
});
