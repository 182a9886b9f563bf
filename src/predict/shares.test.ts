import { expect } from 'chai';
import { ClientProxy } from '../mesh/client-proxy.ts';
import { DirectProxy } from '../mesh/direct-proxy.ts';
import { settingsFor } from '../mesh/istiod/clusters.ts';
import type { CallingProxy, Way } from './calling-proxy.ts';
import { configurationOf, proxyOf, servicePortsOf } from './live-system.ts';
import { loadsOf } from './shares.ts';
import { liveSystem } from './testing/live-fixture.ts';

const random = () => 0.5;

function stage() {
  const { clusters, pods } = liveSystem();
  const [live] = clusters;
  const caller = pods.find(({ workload }) => workload.startsWith('mocka'));
  const port = live && servicePortsOf(live).find(({ host }) => host.startsWith('mockb.'));
  if (live === undefined || caller === undefined || port === undefined) throw new Error('nobody calls');
  const settings = settingsFor(configurationOf(live), proxyOf(caller), port, '');
  const [endpoint] = pods
    .filter(({ workload }) => workload.startsWith('mockb'))
    .map(({ ip, locality, labels, ready }) => ({ address: `${ip}:8000`, locality, labels, ready }));
  if (endpoint === undefined) throw new Error('nobody answers');
  const mesh = new ClientProxy({ settings, random, now: 0 });
  mesh.setEndpoints({ endpoints: [{ endpoint, priority: 0 }] }, 0);
  const past = new DirectProxy(settings, random);
  past.setEndpoints([endpoint]);
  const ways: Record<Way['kind'], Way> = {
    mesh: { kind: 'mesh', proxy: mesh, port, subset: { name: '', labels: {} } },
    past: { kind: 'past', proxy: past, port, why: '' },
    none: { kind: 'none', why: '' },
  };
  const calling = (kind: Way['kind'], isGone = false): CallingProxy => ({
    caller: { ...caller, listed: true, gone: isGone, dead: false },
    called: { service: 'default/mockb', host: port.host },
    way: ways[kind],
  });
  return { mesh, zone: endpoint.locality.zone, calling };
}

describe('where callers would send what they call', () => {
  it('is asked of each of them, and no call is on its way then', () => {
    const { mesh, zone, calling } = stage();
    const [load] = loadsOf([calling('mesh'), calling('past'), calling('none')], 0, 100);
    expect(load?.shares.get(zone)).to.be.closeTo(2 / 3, 0.01);
    expect(mesh.hosts(0).map(({ active }) => active)).to.deep.equal([0]);
  });

  it('is asked of none that is gone', () => {
    const { zone, calling } = stage();
    expect(loadsOf([calling('mesh'), calling('none', true)], 0, 100)[0]?.shares.get(zone)).to.equal(1);
    expect([...(loadsOf([calling('mesh', true)], 0, 100)[0]?.shares ?? [])]).to.deep.equal([]);
  });
});
