import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { labPrometheus } from './prometheus.ts';
import { scrapedPods } from './scraped-pods.ts';

describe('Prometheus of the lab', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-lab-prometheus-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('reads every cluster with a way in of its own, listens in the fabric only, and has the rules', () => {
    const reader = (cluster: string) => ({ cluster, host: `${cluster}.lab`, authority: 'PEM', token: `of ${cluster}` });
    const parts = { program: '/usr/bin/prometheus', rules: '/rules/page.yaml', discovery: '/our/program' };
    const { daemons, inside, outside } = labPrometheus(folder, parts, [reader('hangzhou'), reader('tokyo')]);
    const [discovery, prometheus] = daemons;
    expect(prometheus.command).to.include('/usr/bin/prometheus');
    expect(prometheus.command).to.include('--web.listen-address=10.210.0.1:9090');
    expect([prometheus.command[0], discovery.command[0]]).to.deep.equal(['nsenter', 'nsenter']);
    expect([inside.host, outside.host]).to.deep.equal(['10.210.0.1', '127.210.0.1']);
    for (const cluster of ['hangzhou', 'tokyo']) {
      const file = join(folder, 'prometheus', `${cluster}.kubeconfig`);
      expect(discovery.command).to.include(file);
      expect(readFileSync(file, 'utf8')).to.contain(`${cluster}.lab`).and.to.contain(`of ${cluster}`);
    }
    const config = parse(readFileSync(join(folder, 'prometheus', 'prometheus.yaml'), 'utf8'));
    expect(config.rule_files).to.deep.equal(['/rules/page.yaml']);
    expect(config.scrape_configs[0].file_sd_configs[0].files).to.deep.equal([join(folder, 'prometheus', '*.json')]);
  });

  it('scrapes running proxies, native sidecars too, and nothing else', () => {
    const proxy = { name: 'istio-proxy', ports: [{ name: 'http-envoy-prom', containerPort: 15090 }] };
    const pod = (name: string, spec: object, status: object = { phase: 'Running', podIP: '10.1.1.1' }): KubeObject => ({
      ...KINDS.pod,
      metadata: { namespace: 'default', name },
      spec: { containers: [{ name: 'app' }], ...spec },
      status,
    });
    const pods = [
      pod('native', { initContainers: [proxy] }),
      pod('plain', { containers: [proxy] }),
      pod('bare', {}),
      pod('over', { containers: [proxy] }, { phase: 'Succeeded', podIP: '10.1.1.2' }),
      pod('coming', { containers: [proxy] }, { phase: 'Running' }),
    ];
    const found = scrapedPods('tokyo', pods);
    expect(found.map(({ labels }) => labels.pod)).to.deep.equal(['native', 'plain']);
    const labels = { cluster: 'tokyo', namespace: 'default', pod: 'native' };
    expect(found[0]).to.deep.equal({ targets: ['10.1.1.1:15090'], labels });
  });
});
