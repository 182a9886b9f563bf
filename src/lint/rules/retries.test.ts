import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { retriesHide, retriesMultiply } from './retries.ts';

const route = (name: string, retries: string) =>
  `{kind: VirtualService, metadata: {name: ${name}}, spec: {hosts: [${name}], http: [{retries: ${retries}, route: [{destination: {host: ${name}}}]}]}}`;
const ALL = '{attempts: 3, retryOn: "5xx,connect-failure"}';

describe('retries', () => {
  it('that try a 5xx again are noted, those of Istio itself are not', () => {
    const mesh = new Mesh().apply(route('mockb', ALL), 'tokyo');
    expect(mesh.finds(retriesHide, drill())).to.deep.equal(['info tokyo VirtualService default/mockb']);
    expect(mesh.finds(retriesMultiply, drill())).to.deep.equal([]);
    expect(new Mesh().finds(retriesHide, drill())).to.deep.equal([]);
    const connect = new Mesh().apply(route('mockb', '{attempts: 3, retryOn: connect-failure}'));
    expect(connect.finds(retriesHide, drill())).to.deep.equal([]);
    const none = new Mesh().apply(route('mockb', '{attempts: 0, retryOn: 5xx}'));
    expect(none.finds(retriesHide, drill())).to.deep.equal([]);
    expect(
      new Mesh().apply(route('mockb', '{attempts: 1, retryOn: "503"}')).finds(retriesHide, drill()),
    ).to.have.length(2);
  });

  it('multiply over hops, by routes or by MeshConfig', () => {
    const mesh = new Mesh().apply(route('mockb', ALL), 'tokyo').apply(route('mockc', ALL), 'tokyo');
    expect(mesh.finds(retriesMultiply, drill())).to.deep.equal(['warning tokyo VirtualService default/mockb']);
    const all = new Mesh().apply(
      `{kind: ConfigMap, metadata: {name: istio}, data: {mesh: "defaultHttpRetryPolicy: {attempts: 2, retryOn: 5xx}"}}`,
      'hangzhou',
    );
    expect(all.finds(retriesMultiply, drill())).to.deep.equal(['warning hangzhou ConfigMap istio-system/istio']);
  });

  it('of an Istio that tries a 503 again by itself are seen', () => {
    const mesh = new Mesh();
    for (const cluster of mesh.clusters) cluster.istio = '1.23';
    expect(mesh.finds(retriesHide, drill())).to.not.deep.equal([]);
  });
});
