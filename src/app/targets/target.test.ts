import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { openTargetsFile } from './target.ts';

describe('a target that is closed', () => {
  it('asks nothing more of any of its clusters', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'faultline-target-'));
    try {
      const names = ['tokyo', 'osaka'];
      const cluster = { server: 'http://127.0.0.1:1', 'insecure-skip-tls-verify': true };
      const kubeconfig = {
        clusters: [{ name: 'c', cluster }],
        users: [{ name: 'u', user: {} }],
        contexts: names.map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
      };
      writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
      const clusters = names.map((name, at) => ({
        name,
        region: 'r',
        kubeconfig: './kubeconfig',
        context: name,
        gateways: [{ zone: 'z', address: `127.0.0.1:${80 + at}` }],
      }));
      const file = join(folder, 'targets.yaml');
      const spec = { namespaces: ['default'], clusters };
      const head = { apiVersion: 'faultline/v1alpha1', kind: 'Targets', metadata: { name: 't' } };
      writeFileSync(file, JSON.stringify({ ...head, spec }));
      const open = await openTargetsFile(file, false);
      await open.close();
      for (const name of names) {
        const asked = open.clusters.get(name)?.cluster.get({ ...KINDS.pod, namespace: 'default', name: 'a' });
        expect(await asked?.catch(String)).to.equal(`FaultlineError: cluster ${name}: it was closed`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
