import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { FaultlineError, messageOf } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Clock } from '../model/ports.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { openCluster } from './kubeconfig.ts';
import { takeFields } from './kubeconfig-context.ts';
import { fieldsOf } from './kubeconfig-fields.ts';
import { Rest } from './rest.ts';
import { SigningConfig } from './signing.ts';
import { lives, until } from './testing/processes.ts';

const JWT = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.eyJzdWIiOiJkcmlsbCJ9.c2lnbmF0dXJl';

describe('a credential plugin of a kubeconfig', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-plugin-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function kubeconfig(script: string, env = '[]'): string {
    const program = join(dir, 'aws');
    writeFileSync(program, `#!/bin/sh\necho run >> ${dir}/runs\n${script}\n`);
    chmodSync(program, 0o755);
    const exec = `{apiVersion: client.authentication.k8s.io/v1, command: ${program}, args: [eks, get-token, --secret, hunter2], env: ${env}}`;
    return [
      'apiVersion: v1',
      'kind: Config',
      'clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]',
      `users: [{name: u, user: {exec: ${exec}}}]`,
      'contexts: [{name: tokyo, context: {cluster: c, user: u}}]',
      'current-context: tokyo',
    ].join('\n');
  }

  function opened(script: string) {
    const file = join(dir, 'kubeconfig');
    writeFileSync(file, kubeconfig(script));
    const target = { name: 'east', region: 'r', kubeconfig: file, context: 'tokyo', gateways: [] };
    return openCluster(target, virtualClock());
  }

  function signing(text: string, clock: Clock = virtualClock(), cluster = 'east'): SigningConfig {
    const config = new SigningConfig();
    config.loadFromString(text);
    takeFields(config, fieldsOf(text, 'tokyo'), { cluster, kubeconfig: join(dir, 'kubeconfig'), clock });
    return config;
  }

  async function signed(text: string, times = 1, clock: Clock = virtualClock()): Promise<RequestOptions[]> {
    const config = signing(text, clock);
    const requests: RequestOptions[] = Array.from({ length: times }, () => ({}));
    for (const options of requests) await config.applyToHTTPSOptions(options);
    return requests;
  }

  const runs = (): number => readFileSync(join(dir, 'runs'), 'utf8').split('\n').length - 1;
  const answer = (status: object): string => `echo '${JSON.stringify({ kind: 'ExecCredential', status })}'`;
  const whyNot = async (script: string, env?: string): Promise<string> =>
    signed(kubeconfig(script, env)).then(() => 'signed', messageOf);

  it('signs requests with what it answers, and is run anew when that is over', async () => {
    const [first, second] = await signed(kubeconfig(answer({ token: 't-1' })), 2);
    expect([first?.headers, second?.headers, runs()]).to.deep.equal([
      { Authorization: 'Bearer t-1' },
      { Authorization: 'Bearer t-1' },
      1,
    ]);
    const over = answer({
      clientCertificateData: 'C',
      clientKeyData: 'K',
      expirationTimestamp: '1999-01-01T00:00:00Z',
    });
    const [cert] = await signed(kubeconfig(over), 2);
    expect([cert?.cert, cert?.key, runs()]).to.deep.equal(['C', 'K', 3]);
  });

  it('is run once for all that ask at once, also when what it gave is over, and for all clusters of its user', async () => {
    const over = answer({ token: 't-1', expirationTimestamp: '1999-01-01T00:00:00Z' });
    const configs = ['east', 'west'].map((cluster) => {
      const text = kubeconfig(`until [ -e ${dir}/go ]; do sleep 0.01; done; ${over}`);
      return signing(text, virtualClock(), cluster);
    });
    for (const round of [1, 2]) {
      rmSync(join(dir, 'go'), { force: true });
      const asked = configs.flatMap((config) => [1, 2, 3].map(() => config.applyToHTTPSOptions({})));
      await until(() => runs() === round);
      writeFileSync(join(dir, 'go'), '');
      await Promise.all(asked);
    }
    expect(runs()).to.equal(2);
  });

  it('that hangs is ended, with what it has started, when its cluster is closed, and its requests with it', async () => {
    const cluster = opened(`sleep 600 & echo $! > ${dir}/pids; echo $$ >> ${dir}/pids; touch ${dir}/up; wait`);
    const asked = cluster.list(KINDS.pod, { namespace: 'shop' }).catch(messageOf);
    await until(() => existsSync(join(dir, 'up')));
    cluster.close();
    expect(await asked).to.contain('cluster east: it was closed');
    const pids = readFileSync(join(dir, 'pids'), 'utf8').trim().split('\n').map(Number);
    await until(() => pids.every((pid) => !lives(pid)));
    expect(await cluster.list(KINDS.pod, { namespace: 'shop' }).catch(messageOf)).to.contain('it was closed');
    expect(runs()).to.equal(1);
  });

  it('that something else waits for keeps no request from ending with its cluster', async () => {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig('exit 0'));
    const asked = Promise.withResolvers<void>();
    const applyAuthentication = () => {
      asked.resolve();
      return new Promise<void>(() => {});
    };
    config.users = [{ name: 'u', authProvider: { name: 'slow' } }];
    config.addAuthenticator({ isAuthProvider: () => true, applyAuthentication });
    const rest = new Rest(config, 'east', virtualClock());
    const answer = rest.text({ method: 'GET', path: '/version', what: 'read the version' }).catch(messageOf);
    await asked.promise;
    rest.close();
    expect(await answer).to.contain('cluster east: it was closed');
  });

  it('that fails is named with its exit code and its first words, and no credential is in them', async () => {
    const script = `echo "
Traceback for ${JWT}
  password=abc of AKIAIOSFODNN7EXAMPLE, given t0p-s3cr3t-value in 'it'\\\\''s'
it's a third line
https://joe:pw@sts.example refused Bearer abc123def456
five
six" >&2; echo ${JWT}; exit 253`;
    const said = await whyNot(script, '[{name: APP_TOKEN, value: t0p-s3cr3t-value}]');
    expect(said).to.equal(
      `cluster east: the credential plugin aws of its kubeconfig ended with exit code 253, and said: ${[
        'Traceback for [redacted]',
        "password=[redacted] of [redacted], given [redacted] in 'it'\\''s'",
        "it's a third line",
        'https://[redacted]@sts.example refused Bearer [redacted]',
        'five',
        '…',
      ].join('\n')}`,
    );
  });

  const ENDS: readonly (readonly [script: string, said: string])[] = [
    ['kill -s TERM $$', 'was ended by SIGTERM'],
    [`echo ${JWT}`, 'answers no ExecCredential'],
    [answer({}).replace('"status":{}', '"status":null'), 'answers no ExecCredential'],
    ['exit 3', 'ended with exit code 3'],
  ];
  for (const [script, said] of ENDS) {
    it(`that ${said} tells no more`, async () => {
      expect(await whyNot(script)).to.equal(`cluster east: the credential plugin aws of its kubeconfig ${said}`);
    });
  }

  it('that is not there is named, without its arguments', async () => {
    const text = kubeconfig('exit 0').replace(`${dir}/aws`, `${dir}/gke-plugin`);
    expect(await signed(text).catch(messageOf)).to.equal(
      'cluster east: the credential plugin gke-plugin of its kubeconfig is not there',
    );
  });

  it('is run for a cluster of a target, whose requests fail with its words', async () => {
    const error = await opened(`echo 'no ${JWT} any more' >&2; exit 1`)
      .list(KINDS.pod, { namespace: 'shop' })
      .catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(FaultlineError);
    expect(messageOf(error)).to.equal(
      'cluster east: the credential plugin aws of its kubeconfig ended with exit code 1, and said: no [redacted] any more',
    );
  });
});
