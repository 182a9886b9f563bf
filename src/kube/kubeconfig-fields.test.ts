import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError, messageOf } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { openCluster } from './kubeconfig.ts';
import { type SignedApi, signedApi } from './testing/signed-api.ts';
import { PAIRS, startTlsServer, type TlsServer } from './testing/tls-server.ts';

describe('a field of a kubeconfig that kubectl knows', () => {
  let dir: string;
  let api: SignedApi;
  let secure: TlsServer;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-fields-'));
    api = await signedApi('t');
    secure = await startTlsServer('HTTP/1.1');
  });
  afterEach(async () => {
    await Promise.all([api.close(), secure.close()]);
    rmSync(dir, { recursive: true, force: true });
  });

  type Said = { readonly user?: string; readonly cluster?: string; readonly context?: string };
  function open({ user = '{token: t}', cluster = 'insecure-skip-tls-verify: true', context = ', user: u' }: Said) {
    const kubeconfig = join(dir, 'kubeconfig');
    const server = cluster.includes('server:') ? cluster : `server: "${api.url}", ${cluster}`;
    const text = `clusters: [{name: c, cluster: {${server}}}]\nusers: [{name: u, user: ${user}}]\ncontexts: [{name: tokyo, context: {cluster: c${context}}}]\n`;
    writeFileSync(kubeconfig, text);
    return openCluster({ name: 'east', region: 'r', kubeconfig, context: 'tokyo', gateways: [] }, virtualClock());
  }

  async function read(said: Said): Promise<string> {
    const cluster = open(said);
    return cluster
      .can('get', KINDS.pod, 'shop')
      .then(() => 'read', messageOf)
      .finally(cluster.close);
  }

  const REFUSED: readonly (readonly [said: Said, field: string])[] = [
    [{ user: '{token: t, as: joe, as-uid: "1"}' }, 'as-uid'],
    [{ user: '{token: t, as: joe, as-groups: [ops]}' }, 'as-groups'],
    [{ user: '{token: t, as: joe, as-user-extra: {a: [b]}}' }, 'as-user-extra'],
    [{ user: '{auth-provider: {name: gcp, config: {cmd-path: /bin/true}}}' }, 'the auth-provider gcp'],
    [{ user: '{auth-provider: {config: {}}}' }, 'the auth-provider without a name'],
    [{ cluster: 'tls-server-name: a, proxy-url: "socks5://127.0.0.1:1"' }, 'tls-server-name with a proxy-url of SOCKS'],
  ];
  for (const [said, field] of REFUSED) {
    it(`is refused by its name where it cannot be kept: ${field}`, () => {
      let error: unknown;
      try {
        open(said);
      } catch (cause) {
        error = cause;
      }
      expect(error).to.be.instanceOf(FaultlineError);
      expect(messageOf(error))
        .to.contain(`cluster east: context tokyo in ${join(dir, 'kubeconfig')}: `)
        .and.contain(field);
      expect((error as FaultlineError).hint).to.not.equal(undefined);
    });
  }

  it('is taken: a token file beside it, who else one acts as, and what is empty is not there', async () => {
    writeFileSync(join(dir, 'tok'), 't');
    expect(await read({ user: '{tokenFile: tok, as: joe}' })).to.equal('read');
    expect(api.headers['impersonate-user']).to.equal('joe');
    expect(await read({ user: '{token: t, as: "", client-certificate: "", tokenFile: ""}' })).to.equal('read');
    expect(api.headers).to.not.have.property('impersonate-user');
  });

  it('is taken: a token that stands in it before a plugin, which is not run', async () => {
    const user = `{token: t, exec: {command: sh, args: [-c, "touch ${dir}/run"]}}`;
    expect(await read({ user })).to.equal('read');
    expect(() => readFileSync(join(dir, 'run'))).to.throw('ENOENT');
  });

  it('is taken: data before a file, and a context without a user checks the server as well', async () => {
    const [ca, other] = PAIRS.map(({ cert }) => Buffer.from(cert).toString('base64'));
    writeFileSync(join(dir, 'other'), PAIRS[1].cert);
    const server = `server: "${secure.url}", certificate-authority: other`;
    expect(await read({ cluster: `${server}, certificate-authority-data: ${ca}` })).to.equal('read');
    expect(await read({ cluster: `${server}, certificate-authority-data: ${other}` })).to.contain('self-signed');
    expect(await read({ cluster: `${server}, certificate-authority-data: ${ca}`, context: '' })).to.equal('read');
    expect(await read({ cluster: server, context: '' })).to.contain('self-signed');
  });

  it('is taken: a login by OpenID Connect that is over asks nothing as nobody', async () => {
    const over = `e30.${Buffer.from('{"exp":1}').toString('base64url')}.x`;
    const said = await read({ user: `{auth-provider: {name: oidc, config: {id-token: ${over}}}}` });
    expect(said).to.contain('the auth-provider oidc of its kubeconfig has no token');
    expect(api.asked).to.deep.equal([]);
  });

  it('is taken: a user that is not there is no reason to ask as nobody', () => {
    expect(() => open({ context: ', user: joe' })).to.throw(/names the user joe, whom that file does not have$/);
  });

  it('is taken: a plugin beside it, which is told of its cluster where it asks', async () => {
    mkdirSync(join(dir, 'bin'));
    const program = join(dir, 'bin', 'plugin');
    writeFileSync(
      program,
      `#!/bin/sh\nprintf '%s' "$KUBERNETES_EXEC_INFO" > ${dir}/told\necho '{"status":{"token":"t"}}'\n`,
    );
    chmodSync(program, 0o755);
    const told = () => JSON.parse(readFileSync(join(dir, 'told'), 'utf8')) as unknown;
    const exec = 'command: ./bin/plugin, apiVersion: client.authentication.k8s.io/v1';
    const info = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' };
    expect(await read({ user: `{exec: {${exec}}}` })).to.equal('read');
    expect(told()).to.deep.equal({ ...info, spec: { interactive: false } });
    writeFileSync(join(dir, 'ca'), 'CA');
    const extension = '{name: client.authentication.k8s.io/exec, extension: {audience: a}}';
    const cluster = `insecure-skip-tls-verify: true, certificate-authority: ca, extensions: [${extension}]`;
    expect(await read({ cluster, user: `{exec: {${exec}, provideClusterInfo: true}}` })).to.equal('read');
    const about = {
      server: api.url,
      'insecure-skip-tls-verify': true,
      'certificate-authority-data': Buffer.from('CA').toString('base64'),
      config: { audience: 'a' },
    };
    expect(told()).to.deep.equal({ ...info, spec: { cluster: about, interactive: false } });
  });
});
