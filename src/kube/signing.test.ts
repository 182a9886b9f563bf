import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { messageOf } from '../model/errors.ts';
import { isUnauthenticated } from '../model/http-status.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { PodCluster } from '../model/ports.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { CredentialPlugin } from './credential-plugin.ts';
import { openCluster } from './kubeconfig.ts';
import { givenUpAt } from './opening.ts';
import { failure } from './testing/failure.ts';
import { type SignedApi, signedApi } from './testing/signed-api.ts';
import { PAIRS, startTlsServer } from './testing/tls-server.ts';
import { TokenFile } from './token-file.ts';

const POD = { namespace: 'shop', pod: 'web-0' };
const never = new AbortController().signal;

/** Every way to an API server, and what it sends. */
const WAYS: Readonly<Record<string, readonly [method: string, ask: (cluster: PodCluster) => Promise<unknown>]>> = {
  'a read': ['GET', (cluster) => cluster.list(KINDS.pod, { namespace: 'shop' })],
  'a write': ['PATCH', (cluster) => cluster.podPatch('shop', 'web-0', 80, '/', {})],
  'a log that is followed': ['GET', (cluster) => cluster.podLog({ ...POD, container: 'app' }, () => {}, never)],
  'a command in a container': ['GET', (cluster) => cluster.exec({ ...POD, container: 'app' }, ['ls']).catch(forbidden)],
};

/** A WebSocket is refused for another reason once it is signed as it should be. */
function forbidden(error: unknown): void {
  expect(messageOf(error)).to.contain('403');
}

describe('credentials that a server takes no more before their time is over', () => {
  let dir: string;
  let api: SignedApi;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-signing-'));
    api = await signedApi('old');
    writeFileSync(join(dir, 'token'), 'old\n');
  });
  afterEach(async () => {
    await api.close();
    rmSync(dir, { recursive: true, force: true });
  });

  function plugin(script = `printf '{"status":{"token":"%s"}}' $(cat ${dir}/token)`): string {
    const program = join(dir, 'plugin');
    writeFileSync(program, `#!/bin/sh\necho run >> ${dir}/runs\n${script}\n`);
    chmodSync(program, 0o755);
    return `{exec: {command: ${program}}}`;
  }

  function open(user: string) {
    const kubeconfig = join(dir, 'kubeconfig');
    const cluster = `{server: "${api.url}", insecure-skip-tls-verify: true}`;
    writeFileSync(
      kubeconfig,
      `clusters: [{name: c, cluster: ${cluster}}]\nusers: [{name: u, user: ${user}}]\ncontexts: [{name: tokyo, context: {cluster: c, user: u}}]\n`,
    );
    return openCluster({ name: 'east', region: 'r', kubeconfig, context: 'tokyo', gateways: [] }, virtualClock());
  }

  const read = (cluster: PodCluster) => cluster.list(KINDS.pod, { namespace: 'shop' });
  const runs = (): number => readFileSync(join(dir, 'runs'), 'utf8').split('\n').length - 1;
  const replace = (token: string) => {
    writeFileSync(join(dir, 'token'), token);
    api.valid = token;
  };

  for (const [source, user] of [
    ['a credential plugin', () => plugin()],
    ['a tokenFile', () => '{tokenFile: token, token: other}'],
  ] as const) {
    for (const [way, [method, ask]] of Object.entries(WAYS)) {
      it(`are asked for anew, of ${source}, and ${way} is made once more`, async () => {
        const cluster = open(user());
        await read(cluster);
        replace('new');
        await ask(cluster);
        await ask(cluster);
        cluster.close();
        expect(api.asked).to.deep.equal(['GET old', `${method} old`, `${method} new`, `${method} new`]);
      });
    }
  }

  it('are asked for anew, and a port is forwarded once more', async () => {
    const cluster = open('{tokenFile: token}');
    await read(cluster);
    replace('new');
    const { message } = await failure(cluster.proxyAdmin(POD, never).get('/clusters'));
    cluster.close();
    expect(message).to.match(/port-forward to pod shop\/web-0: 403 .*; .* exec pilot-agent .*: 403 /);
    expect(api.asked).to.deep.equal(['GET old', 'GET old', 'GET new', 'GET new']);
  });

  it('are not sent again as they were: a refusal is told where there are no others', async () => {
    for (const user of [plugin(), '{tokenFile: token}', '{token: old}']) {
      const cluster = open(user);
      api.valid = 'old';
      await read(cluster);
      api.valid = 'new';
      api.asked.length = 0;
      expect(isUnauthenticated(await failure(cluster.podPatch('shop', 'web-0', 80, '/', {})))).to.equal(true);
      cluster.close();
      expect(api.asked).to.deep.equal(['PATCH old']);
    }
  });

  it('are asked for once by all that were refused with them, also by one who hears of it later', async () => {
    plugin();
    const source = new CredentialPlugin({
      plugin: { command: join(dir, 'plugin') },
      cluster: 'east',
      clock: virtualClock(),
    });
    const old = await source.credential();
    replace('new');
    const asked = [source.isRenewed(old), source.isRenewed(old)];
    expect(await Promise.all(asked)).to.deep.equal([true, true]);
    expect(await source.isRenewed(old)).to.equal(true);
    expect([runs(), (await source.credential()).token]).to.deep.equal([2, 'new']);
    source.end();
  });

  it('leave a refusal a refusal where there is nobody to ask, and say why not', async () => {
    const cluster = open(
      plugin(`[ $(cat ${dir}/token) = old ] || { echo gone away >&2; exit 3; }; echo '{"status":{"token":"old"}}'`),
    );
    await read(cluster);
    replace('new');
    const error = await failure(read(cluster));
    cluster.close();
    expect(isUnauthenticated(error)).to.equal(true);
    expect(error.message).to.match(/401 token expired; .* plugin plugin of .* exit code 3, and said: gone away$/);
  });
});

describe('a token of a file', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-token-'));
    file = join(dir, 'token');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is read again after a minute, and kept while the file cannot be read', async () => {
    const clock = virtualClock();
    const source = new TokenFile({ file, cluster: 'east', clock });
    const read: (string | undefined)[] = [];
    const at = async (content: string | undefined, afterMs: number) => {
      if (content === undefined) rmSync(file);
      else writeFileSync(file, content);
      await clock.sleep(afterMs);
      read.push((await source.credential()).token);
    };
    await at('one\n', 0);
    await at('two\n', 59_000);
    await at('two\n', 1_000);
    await at('', 60_000);
    await at(undefined, 0);
    await at('three', 0);
    expect(read).to.deep.equal(['one', 'one', 'two', 'two', 'two', 'three']);
  });

  it('that nobody can read is told with its file', async () => {
    const source = new TokenFile({ file, cluster: 'east', clock: virtualClock() });
    const { message } = await failure(source.credential());
    expect(message).to.contain(`cluster east: no token can be read from ${file}`).and.contain('ENOENT');
  });
});

describe('a client certificate that is replaced in its file', () => {
  it('is shown by what is opened after that: a log, and a WebSocket has no connections of an earlier one', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'faultline-certificate-'));
    const server = await startTlsServer('HTTP/1.1');
    try {
      const kubeconfig = join(dir, 'kubeconfig');
      writeFileSync(
        kubeconfig,
        `clusters: [{name: c, cluster: {server: "${server.url}", insecure-skip-tls-verify: true}}]\nusers: [{name: u, user: {client-certificate: cert, client-key: key}}]\ncontexts: [{name: tokyo, context: {cluster: c, user: u}}]\n`,
      );
      const target = { name: 'east', region: 'r', kubeconfig, context: 'tokyo', gateways: [] };
      const cluster = openCluster(target, virtualClock());
      for (const { cert, key } of PAIRS) {
        writeFileSync(join(dir, 'cert'), cert);
        writeFileSync(join(dir, 'key'), key);
        await cluster.podLog({ ...POD, container: 'app' }, () => {}, never);
      }
      cluster.close();
      const shown = PAIRS.map(({ cert }) => new X509Certificate(cert).fingerprint256);
      expect(server.seen.map(({ fingerprint }) => fingerprint)).to.deep.equal(shown);
    } finally {
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    }
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: 'c', server: 'https://1.2.3.4', skipTLSVerify: true }, { name: 'u' });
    const [one, two] = [{ agent: undefined }, { agent: undefined }];
    for (const options of [one, two]) await givenUpAt(config, never).applyToHTTPSOptions(options);
    expect(one.agent).to.not.equal(undefined);
    expect(one.agent).to.not.equal(two.agent);
  });
});
