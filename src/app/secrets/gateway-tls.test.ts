import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { authority } from '../../load/testing/authority.ts';
import { InvalidFile, loadTargets } from '../files/load-files.ts';
import { readGatewayTls } from './gateway-tls.ts';

describe('app/secrets/gateway-tls', () => {
  const own = authority('own');
  const [client, other] = [own.issue('client.example'), own.issue('other.example')];
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-tls-'));
    const files = {
      'ca.pem': own.cert,
      'c.pem': client.cert,
      'c.key': client.key,
      'o.key': other.key,
      'no.pem': 'no PEM',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  });
  after(() => rmSync(folder, { recursive: true }));

  function read(tls: string, env: Record<string, string> = {}) {
    const file = join(folder, 'targets.yaml');
    writeFileSync(
      file,
      `apiVersion: faultline/v1alpha1
kind: Targets
metadata: {name: shop}
spec:
  clusters:
    - name: tokyo
      region: r
      kubeconfig: ./kubeconfig
      context: tokyo
      tls: ${tls}
      gateways: [{zone: a, address: "https://127.0.0.1"}, {zone: b, address: "https://127.0.0.2"}]
`,
    );
    const { value, text } = loadTargets(file);
    return readGatewayTls(value, file, text, env);
  }

  function problems(tls: string, env: Record<string, string> = {}): string[] {
    try {
      read(tls, env);
    } catch (error) {
      if (!(error instanceof InvalidFile)) throw error;
      return error.diagnostics.map(({ code, line, column, message }) => `${line}:${column} ${code} ${message}`);
    }
    return [];
  }

  it('reads files beside the targets file and the environment, for every path through the gateway', () => {
    const { of, secrets } = read('{ca: ./ca.pem, cert: c.pem, key: {env: KEY}}', { KEY: client.key });
    const paths = [
      { id: 'p@tokyo/a', cluster: 'tokyo', zone: 'a' },
      { id: 'q@tokyo/a', cluster: 'tokyo', zone: 'a' },
      { id: 'p@other/a', cluster: 'other', zone: 'a' },
    ];
    const material = { ca: own.cert, client: { cert: client.cert, key: client.key } };
    expect(of(paths)).to.deep.equal({ 'p@tokyo/a': material, 'q@tokyo/a': material });
    const line = client.key.split('\n')[1] ?? '';
    expect(secrets).to.include(line).and.to.include(client.key.trim());
  });

  it('says which file or variable is missing, and where that is written, each once', () => {
    expect(problems('{ca: gone.pem, cert: c.pem, key: {env: KEY}}')).to.deep.equal([
      `10:17 FILE_UNREADABLE ${join(folder, 'gone.pem')} does not exist`,
      '10:51 ENV_MISSING the environment variable KEY is not set',
    ]);
    expect(problems('{ca: .}')).to.deep.equal([`10:17 FILE_UNREADABLE ${folder} is a folder`]);
    expect(problems('{ca: {env: CA}}', { CA: ' ' })).to.deep.equal([
      '10:23 ENV_MISSING the environment variable CA is empty',
    ]);
  });

  it('says what is no certificate, no key, and not the key of the certificate', () => {
    expect(
      problems('{ca: no.pem, cert: ca.pem, key: no.pem}').map((text) => text.replace(`${folder}/`, '')),
    ).to.deep.equal([
      '10:17 FIELD_VALUE no.pem holds no certificate in PEM',
      '10:44 FIELD_VALUE no.pem holds no private key in PEM',
    ]);
    expect(problems('{cert: c.pem, key: o.key}').map((text) => text.replace(`${folder}/`, ''))).to.deep.equal([
      '10:31 FIELD_VALUE o.key is not the key of the client certificate',
    ]);
    const broken = own.cert.replace(/\n[A-Za-z0-9+/=]{20,}\n/, '\n');
    expect(problems('{ca: {env: CA}}', { CA: broken }).join()).to.contain('holds a broken certificate');
  });
});
