import { expect } from 'chai';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { notExported } from './not-exported.ts';

const service = (name: string, to: string) =>
  `{kind: Service, metadata: {name: ${name}, annotations: {networking.istio.io/exportTo: "${to}"}}, spec: {selector: {app: ${name}}, ports: [{name: http, port: 8000}]}}`;
const meshConfig = (text: string) => `{kind: ConfigMap, metadata: {name: istio}, data: {mesh: '${text}'}}`;
const CLOSED = meshConfig('outboundTrafficPolicy: {mode: REGISTRY_ONLY}');

describe('service-not-exported', () => {
  const textsOf = (mesh: Mesh, scenario = true) =>
    lint(mesh.system(scenario ? drill() : undefined), [notExported]).findings.map(
      ({ severity, object, field, what }) => `${severity} ${object.kind} ${object.name} ${field}: ${what}`,
    );
  const FIELD = 'metadata.annotations["networking.istio.io/exportTo"]';

  it('says what becomes of the calls', () => {
    const hidden = `error Service mockb ${FIELD}: sidecars of mocka in default do not see default/mockb, since its annotation exports it to "istio-system" only`;
    expect(textsOf(new Mesh().apply(service('mockb', 'istio-system'), 'tokyo'))).to.deep.equal([
      `${hidden}: kube-proxy chooses who answers, and nobody is ejected.`,
    ]);
    expect(textsOf(new Mesh().apply(CLOSED).apply(service('mockb', ' istio-system ,'), 'tokyo'))).to.deep.equal([
      `${hidden}: the calls are lost.`,
    ]);
    expect(textsOf(new Mesh().apply(service('mocka', '.'), 'tokyo'))).to.deep.equal([
      `error Service mocka ${FIELD}: gateways in istio-system do not see default/mocka, since its annotation exports it to "." only: their route leads to no cluster, and every request is answered with 503.`,
    ]);
  });

  it('knows what MeshConfig says of Services that say nothing', () => {
    const mesh = () => new Mesh().apply(meshConfig('defaultServiceExportTo: ["."]'), 'tokyo');
    expect(textsOf(mesh(), false)).to.deep.equal([
      'error ConfigMap istio data.mesh.defaultServiceExportTo: gateways in istio-system do not see default/mocka, since MeshConfig exports Services to "." only: their route leads to no cluster, and every request is answered with 503.',
    ]);
    expect(textsOf(mesh().apply(service('mocka', '*'), 'tokyo'))).to.deep.equal([]);
  });

  it('is a warning where nobody sees what is configured, whoever calls it', () => {
    const mesh = new Mesh().apply(service('mockb', '~'), 'tokyo');
    expect(textsOf(mesh, false).map((text) => text.split(':')[0])).to.deep.equal([`warning Service mockb ${FIELD}`]);
    expect(textsOf(mesh, false)[0]).to.include('No sidecar in tokyo sees default/mockb');
  });

  it('is nothing where the callers are named', () => {
    for (const to of ['*', '.', 'default', 'istio-system,default', '']) {
      expect(textsOf(new Mesh().apply(service('mockb', to))), to).to.deep.equal([]);
    }
  });
});
