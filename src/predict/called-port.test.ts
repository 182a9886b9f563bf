import { expect } from 'chai';
import { MESH_KINDS } from '../model/kubernetes.ts';
import { requestPorts, unequalPorts } from './called-port.ts';
import { servicePortsOf } from './live-system.ts';
import { type Difference, liveSystem } from './testing/live-fixture.ts';

const HOST = 'mockb.default.svc.cluster.local';
const PORTS = [
  { name: 'http-metrics', port: 9000 },
  { name: 'http', port: 8000 },
];
const CALLED = { chain: ['default/mocka', 'default/mockb', 'default/mockc'], callers: [-1, 0, 1] };

describe('the ports by which a Service may be called', () => {
  const found = (difference: Difference, served = difference.ports ?? PORTS) => {
    const { clusters, pods } = liveSystem(difference);
    const [live] = clusters;
    if (live === undefined) throw new Error('no cluster');
    const known = pods.map((pod) => ({
      services: pod.services.map(({ service }) => ({
        ...{ service, ports: Object.fromEntries(served.map(({ name, port }) => [name, port])) },
      })),
    }));
    const ports = servicePortsOf(live).filter(({ host }) => host === HOST);
    return requestPorts(ports, known).map(({ port }) => port);
  };

  it('are those that speak HTTP', () => {
    const all = [
      { name: 'redis', port: 1 },
      { name: 'grpc', port: 2 },
      { name: '', port: 3 },
    ];
    expect(found({ ports: all })).to.deep.equal([2, 3]);
  });

  it('are those that pods serve, and all where none is served', () => {
    expect(found({ ports: PORTS }, PORTS.slice(1))).to.deep.equal([8000]);
    expect(found({ ports: PORTS }, [])).to.deep.equal([9000, 8000]);
  });
});

describe('two ports of a Service', () => {
  const unequal = (difference: Difference) => unequalPorts(liveSystem({ ports: PORTS, ...difference }), CALLED);

  it('are alike where nothing tells them apart', () => {
    expect(unequal({})).to.equal(undefined);
    const egress = [
      { hosts: ['./*'], port: { number: 8000 } },
      { hosts: ['./*'], port: { number: 9000 } },
    ];
    expect(unequal({ sidecar: { egress } })).to.equal(undefined);
  });

  it('are not where settings, a Sidecar or a route of their callers tell them apart', () => {
    expect(unequal({ ejectsAt: 8000 })).to.contain('default/mockb has ports 9000 and 8000');
    expect(unequal({ sidecar: { egress: [{ hosts: ['./*'], port: { number: 8000 } }] } })).to.contain('9000 and 8000');
    const system = liveSystem({ ports: PORTS });
    const route = [{ destination: { host: 'mockb' } }];
    const routes = {
      ...{ ...MESH_KINDS.virtualServices, metadata: { name: 'mockb', namespace: 'default' } },
      spec: { hosts: ['mockb'], http: [{ match: [{ port: 8000 }], route }, { route }] },
    };
    const clusters = system.clusters.map((live) => ({ ...live, virtualServices: [routes] }));
    expect(unequalPorts({ ...system, clusters }, CALLED)).to.contain('9000 and 8000');
  });

  it('are for a gateway told apart by its route', () => {
    const { chain } = CALLED;
    expect(unequalPorts(liveSystem({ ports: PORTS, ejectsAt: 8000 }), { chain, callers: [-1, -1, -1] })).to.equal(
      undefined,
    );
  });
});
