import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { labCluster } from '../testing/clusters.ts';
import { clusterCredentials, meshRoot } from './credentials.ts';

describe('certificates of a lab cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-certificates-'));
  const read = (path: string) => new X509Certificate(readFileSync(path));
  after(() => rmSync(folder, { recursive: true }));

  it('prove the API server under each of its addresses, and hang together', async () => {
    const root = await meshRoot(folder);
    const tokyo = labCluster('tokyo');
    const { files, outside, mesh } = await clusterCredentials(tokyo, folder, root);
    const authority = read(files.authority.cert);
    const server = read(files.server.cert);
    for (const address of ['127.0.0.1', '10.210.0.30', '127.210.0.30', '10.97.0.1'])
      expect(server.checkIP(address), address).to.equal(address);
    expect(server.checkHost('kubernetes.default.svc')).to.equal('kubernetes.default.svc');
    for (const { cert } of [files.server, files.kubeletClient]) {
      expect(read(cert).checkIssued(authority)).to.equal(true);
      expect(read(cert).verify(authority.publicKey)).to.equal(true);
    }
    expect(read(files.kubeletClient.cert).subject).to.contain('O=system:masters');
    const chain = (mesh['cert-chain.pem'] ?? '').split(/(?<=-----END CERTIFICATE-----\n)/);
    expect(chain.map((text) => new X509Certificate(text).ca)).to.deep.equal([true, true]);
    expect(new X509Certificate(chain[0] ?? '').verify(read(root.cert).publicKey)).to.equal(true);
    expect(outside.admin).to.include({ host: '127.210.0.30' });
    expect(outside.admin.token).to.match(/^[0-9a-f]{48}$/);
    for (const path of [files.server.key, files.tokens, files.scheduler])
      expect(statSync(path).mode & 0o077).to.equal(0);
  });
});
