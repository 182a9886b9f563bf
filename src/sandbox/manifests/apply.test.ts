import { expect } from 'chai';
import { clusterSettings } from '../../mesh/cluster-config.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { DEFAULT_TOPOLOGY } from '../../topologies/index.ts';
import { createStore } from '../api/store.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { layoutOf } from '../topology.ts';
import { applyManifest } from './apply.ts';

describe('manifests', () => {
  for (const { name, zones, manifests } of layoutOf(DEFAULT_TOPOLOGY)) {
    it(`of ${name} pass admission and give the mesh the vendor page's settings`, () => {
      const store = createStore({ clock: new ManualClock(), random: Math.random });
      for (const text of manifests) applyManifest(store, text);
      const deployments = store.list(KINDS.deployment).map(({ metadata }) => metadata.name);
      expect(deployments).to.have.length(zones.length * 4);
      const networking = 'networking.istio.io/v1';
      const config = {
        destinationRules: store.list({ apiVersion: networking, kind: 'DestinationRule' }),
        envoyFilters: store.list({ apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter' }),
        rootNamespace: 'istio-system',
      };
      for (const clientKind of ['sidecar', 'gateway'] as const) {
        const settings = clusterSettings(config, {
          host: 'mockb.default.svc.cluster.local',
          port: 8000,
          clientNamespace: clientKind === 'gateway' ? 'istio-system' : 'default',
          clientLabels: {},
          clientKind,
        });
        expect(settings).to.include({ mergeWindowMs: 1000, panicThreshold: 0, sendsUnready: true });
        expect(settings.outlier).to.include({ intervalMs: 30_000, baseEjectionMs: 300_000, maxEjectionPercent: 100 });
      }
    });
  }

  it('replace what is there when they are applied again', () => {
    const store = createStore({ clock: new ManualClock(), random: Math.random });
    const manifest = (port: number) => `
apiVersion: v1
kind: Service
metadata: {name: s, namespace: default, labels: {a: "1"}}
spec: {selector: {app: s}, ports: [{port: ${port}}]}
---
`;
    applyManifest(store, manifest(1));
    const before = store.get({ ...KINDS.service, namespace: 'default', name: 's' });
    applyManifest(store, manifest(2));
    const after = store.get({ ...KINDS.service, namespace: 'default', name: 's' });
    expect(after?.metadata.uid).to.equal(before?.metadata.uid);
    expect(JSON.stringify(after?.spec)).to.include('"port":2');
  });
});
