import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { eastWestPort, gatewaysOf, networkOf } from './east-west.ts';

const NETWORK = 'topology.istio.io/network';

function service(
  labels: Record<string, string>,
  spec: Record<string, Json>,
  ingress: Record<string, string>[] = [],
): KubeObject {
  return {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'way', namespace: 'istio-system', labels } },
    spec: { type: 'LoadBalancer', ports: [{ port: 15443 }], ...spec },
    status: { loadBalancer: { ingress } },
  };
}

describe('an east-west gateway', () => {
  const west = { [NETWORK]: 'west' };
  const addresses = (...found: Parameters<typeof service>) =>
    gatewaysOf('far', service(...found)).map(({ address }) => address);

  it('is a Service with the label of a network and the port for it', () => {
    expect(gatewaysOf('far', service(west, {}, [{ ip: '9.9.9.9' }]))).to.deep.equal([
      { network: 'west', cluster: 'far', address: '9.9.9.9:15443' },
    ]);
    expect(addresses({}, {}, [{ ip: '9.9.9.9' }])).to.deep.equal([]);
    expect(eastWestPort(service(west, { ports: [{ port: 443 }] }))).to.equal(undefined);
    const moved = { ...west, 'networking.istio.io/gatewayPort': '443' };
    expect(addresses(moved, { ports: [{ port: 443 }] }, [{ ip: '9.9.9.9' }])).to.deep.equal(['9.9.9.9:443']);
  });

  it('is reached at every address that a load balancer has given it, and at its external ones', () => {
    expect(addresses(west, {}, [{ ip: '9.9.9.8' }, { hostname: 'nlb.example' }])).to.deep.equal([
      '9.9.9.8:15443',
      'nlb.example:15443',
    ]);
    expect(addresses(west, { externalIPs: ['9.9.9.8', '9.9.9.7'] }, [{ ip: '9.9.9.8' }])).to.deep.equal([
      '9.9.9.8:15443',
      '9.9.9.7:15443',
    ]);
    expect(addresses(west, { type: 'ClusterIP' }, [{ ip: '9.9.9.8' }])).to.deep.equal([]);
  });

  it('is of the network that a pod names itself, before that of the system namespace', () => {
    const system = { metadata: { name: 'istio-system', labels: west } };
    expect(networkOf({ [NETWORK]: 'east' }, system)).to.equal('east');
    expect(networkOf({}, system)).to.equal('west');
    expect(networkOf(undefined, undefined)).to.equal('');
  });
});
