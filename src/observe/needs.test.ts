import { expect } from 'chai';
import { observeNeeds } from './needs.ts';

/** A permission as people write it; `*` stands for the whole cluster. */
function texts(...scope: Parameters<typeof observeNeeds>): string[] {
  return observeNeeds(...scope).map(({ apiVersion, kind, subresource, verb, namespace }) => {
    const what = subresource === undefined ? kind : `${kind}/${subresource}`;
    return `${verb} ${apiVersion} ${what} ${namespace === '' ? '*' : namespace}`;
  });
}

describe('what observing needs', () => {
  it('is to follow nodes, endpoints, pods and events, to read the proxies, and to see the control plane and routes', () => {
    expect(texts({ namespaces: ['default'] })).to.deep.equal([
      'list v1 Node *',
      'watch v1 Node *',
      'list discovery.k8s.io/v1 EndpointSlice default',
      'watch discovery.k8s.io/v1 EndpointSlice default',
      'list v1 Pod default',
      'watch v1 Pod default',
      'get v1 Pod/proxy default',
      'get v1 Pod/portforward default',
      'create v1 Pod/portforward default',
      'list v1 Event default',
      'watch v1 Event default',
      'list v1 Pod istio-system',
      'list networking.istio.io/v1 VirtualService default',
      'list networking.istio.io/v1 VirtualService istio-system',
    ]);
  });

  it('is of gateways their pods, proxies and events, once for each namespace', () => {
    const gateways = ['ingress', 'default'].map((namespace) => ({ namespace, selector: { istio: 'gateway' } }));
    const more = texts({ namespaces: ['default'], gateways }).filter(
      (text) => !texts({ namespaces: ['default'] }).includes(text),
    );
    expect(more).to.deep.equal([
      'list v1 Pod ingress',
      'watch v1 Pod ingress',
      'get v1 Pod/proxy ingress',
      'get v1 Pod/portforward ingress',
      'create v1 Pod/portforward ingress',
      'list v1 Event ingress',
      'watch v1 Event ingress',
      'list networking.istio.io/v1 VirtualService ingress',
    ]);
    expect(texts({ namespaces: ['default'], gateways })).to.have.length(22);
  });
});
