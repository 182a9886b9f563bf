import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { headless } from './headless.ts';
import { noProxy } from './no-proxy.ts';
import { serviceMissing } from './service-missing.ts';
import { tcpService } from './tcp-service.ts';

const service = (spec: string, name = 'mockb') => `{kind: Service, metadata: {name: ${name}}, spec: ${spec}}`;
const found = (text: string) => [`${text} tokyo Service default/mockb`];

describe('headless-service', () => {
  it('is an error for a called Service, and nothing for one with a cluster IP', () => {
    const none = new Mesh().apply(service('{clusterIP: None, ports: [{name: http, port: 8000}]}'), 'tokyo');
    expect(none.finds(headless, drill())).to.deep.equal(found('error'));
    expect(none.finds(headless)).to.deep.equal(found('warning'));
    expect(new Mesh().finds(headless, drill())).to.deep.equal([]);
  });
});

describe('tcp-service', () => {
  const finds = (port: string) => {
    const mesh = new Mesh().apply(service(`{ports: [${port}]}`), 'tokyo');
    mesh.edit('mockb', (pod) => {
      pod.services = [{ service: 'default/mockb', ports: { 'tcp-x': 8000, grpc: 8000, '': 8000 } }];
    });
    return mesh.finds(tcpService, drill());
  };

  it('warns of ports of bytes, by name or appProtocol', () => {
    expect(finds('{name: tcp-x, port: 8000}')).to.deep.equal(found('warning'));
    expect(finds('{name: grpc, appProtocol: tcp, port: 8000}')).to.deep.equal(found('warning'));
  });

  it('says nothing of HTTP, of gRPC, and of a port without a name, which Istio looks at itself', () => {
    expect(new Mesh().finds(tcpService, drill())).to.deep.equal([]);
    expect(finds('{name: grpc, port: 8000}')).to.deep.equal([]);
    expect(finds('{port: 8000}')).to.deep.equal([]);
  });
});

describe('service-missing', () => {
  it('is found in the cluster whose callers need it', () => {
    const mesh = new Mesh().remove('Service', 'mockb', 'tokyo');
    expect(mesh.finds(serviceMissing, drill())).to.deep.equal(found('error'));
    expect(mesh.finds(serviceMissing)).to.deep.equal([]);
  });

  it('is not where the cluster has it, or has no callers of it', () => {
    expect(new Mesh().finds(serviceMissing, drill())).to.deep.equal([]);
    const mesh = new Mesh().remove('Service', 'mockb', 'tokyo').edit('mocka-ap', (pod) => {
      pod.services = [];
    });
    expect(mesh.finds(serviceMissing, drill())).to.deep.equal([]);
  });
});

describe('no-proxy', () => {
  it('is found at a caller of the chain, and not at its end', () => {
    const bare = (name: string) =>
      new Mesh().edit(name, (pod) => {
        pod.proxied = false;
      });
    expect(bare('mocka-ap-northeast-1a').finds(noProxy, drill())).to.deep.equal([
      'error tokyo Pod default/mocka-ap-northeast-1a-0',
    ]);
    expect(bare('mocka').finds(noProxy, drill())).to.have.length(4);
    expect(bare('mockc').finds(noProxy, drill())).to.deep.equal([]);
    expect(new Mesh().finds(noProxy, drill())).to.deep.equal([]);
  });
});
