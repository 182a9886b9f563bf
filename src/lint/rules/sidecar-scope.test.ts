import { expect } from 'chai';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { outsideSidecarScope } from './sidecar-scope.ts';

const sidecar = (hosts: string, mode: string) =>
  `{kind: Sidecar, metadata: {name: narrow}, spec: {outboundTrafficPolicy: {mode: ${mode}}, egress: [{hosts: [${hosts}]}]}}`;

describe('outside-sidecar-scope', () => {
  const whatOf = (hosts: string, mode: string) =>
    lint(new Mesh().apply(sidecar(hosts, mode), 'tokyo').system(drill()), [outsideSidecarScope]).findings.map(
      ({ what }) => what.split(': ').at(-1),
    );

  it('says what becomes of calls to what is hidden', () => {
    expect(whatOf('istio-system/*', 'REGISTRY_ONLY')).to.deep.equal(['the calls are lost.', 'the calls are lost.']);
    expect(whatOf('./mockb.default.svc.cluster.local', 'ALLOW_ANY')).to.deep.equal(['kube-proxy chooses who answers.']);
  });

  it('says nothing where callers see what they call, or some do where nobody knows who calls', () => {
    expect(whatOf('./*', 'REGISTRY_ONLY')).to.deep.equal([]);
    const own = `{kind: Sidecar, metadata: {name: own}, spec: {workloadSelector: {labels: {app: mocka}}, egress: [{hosts: ["./mockc.default.svc.cluster.local"]}]}}`;
    expect(new Mesh().apply(own).finds(outsideSidecarScope)).to.deep.equal([]);
  });

  it('is a warning where nobody sees what is configured, whoever calls it; what gateways call is called by them', () => {
    const mesh = new Mesh().apply(sidecar('istio-system/*', 'REGISTRY_ONLY'), 'tokyo');
    const { findings } = lint(mesh.system(), [outsideSidecarScope]);
    expect(findings.map(({ severity, what }) => `${severity} ${what}`)).to.deep.equal(
      ['mockb', 'mockc'].map(
        (name) => `warning No sidecar in tokyo sees default/${name}, by Sidecar default/narrow: the calls are lost.`,
      ),
    );
  });
});
