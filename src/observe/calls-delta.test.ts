import { expect } from 'chai';
import type { HostState, ServiceHosts } from '../mesh/clusters-reader.ts';
import { callsBetween } from './calls-delta.ts';

const HOST: HostState = {
  ...{ address: '10.0.0.1:80', region: 'r', zone: 'a', priority: 0, healthy: true, ejected: false },
  ...{ requests: 10, served: 8, failed: 2, refused: 1, timedOut: 1 },
};

const read = (...hosts: readonly HostState[]): ServiceHosts => ({
  ...{ service: 'mock', namespace: 'default', port: 80 },
  hosts: new Map(hosts.map((host) => [host.address, host])),
});

const COUNTERS = ['requests', 'served', 'failed', 'refused', 'timedOut'] as const;
const NOTHING = { requests: 0, served: 0, failed: 0, refused: 0, timedOut: 0 };
const CHANGES: readonly Partial<HostState>[] = [
  { region: 's' },
  { zone: 'b' },
  { priority: 1 },
  { healthy: false },
  { ejected: true },
];

describe('the calls between two readings of a proxy', () => {
  it('are none of a host that nothing has happened to', () => {
    expect(callsBetween(read(HOST), read({ ...HOST }))).to.deep.equal([]);
  });

  for (const change of CHANGES) {
    it(`tell of a host that nobody has called when it has another ${Object.keys(change)}`, () => {
      const now = { ...HOST, ...change };
      expect(callsBetween(read(HOST), read(now))).to.deep.equal([{ ...now, ...NOTHING }]);
    });
  }

  for (const counter of COUNTERS) {
    it(`tell of a host for ${counter} alone, and of all it has counted when that has fallen`, () => {
      const more = { ...HOST, [counter]: HOST[counter] + 5 };
      expect(callsBetween(read(HOST), read(more))).to.deep.equal([{ ...HOST, ...NOTHING, [counter]: 5 }]);
      expect(callsBetween(read(more), read(HOST))).to.deep.equal([HOST]);
    });
  }
});
