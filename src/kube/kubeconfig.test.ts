import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { FaultlineError, messageOf } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { contextsIn } from './contexts.ts';
import { openCluster, openOwnCluster } from './kubeconfig.ts';
import { Rest } from './rest.ts';
import { stubApi } from './testing/stub-api.ts';

const CLUSTERS = 'clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]\nusers: [{name: u, user: {}}]';
const context = (name: string, cluster = 'c') => `{name: ${name}, context: {cluster: ${cluster}, user: u}}`;

describe('opening a cluster by its kubeconfig', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-kubeconfig-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function open(text: string, wanted = 'tokyo') {
    const kubeconfig = join(dir, 'kubeconfig');
    writeFileSync(kubeconfig, text);
    return openCluster({ name: 'east', region: 'r', kubeconfig, context: wanted, gateways: [] }, virtualClock());
  }

  function refused(act: () => unknown): FaultlineError {
    try {
      act();
    } catch (error) {
      if (error instanceof FaultlineError) return error;
      throw error;
    }
    throw new Error('it was to be refused');
  }

  const file = (...contexts: readonly string[]) =>
    `apiVersion: v1\nkind: Config\n${CLUSTERS}\ncontexts: [${contexts.join(', ')}]\ncurrent-context: osaka\n`;

  it('takes the context that is named, whatever the current one is', () => {
    const cluster = open(file(context('osaka'), context('tokyo')));
    expect([cluster.name, cluster.region]).to.deep.equal(['east', 'r']);
  });

  it('tells people the kubeconfig where kubectl would not take that file, and no other, by itself', () => {
    const kubeconfig = join(dir, 'kubeconfig');
    const { KUBECONFIG } = process.env;
    const told = (own: string) => {
      process.env.KUBECONFIG = own;
      return open(file(context('tokyo'))).kubectl;
    };
    try {
      expect(told('')).to.deep.equal({ context: 'tokyo', kubeconfig });
      expect(told(kubeconfig)).to.deep.equal({ context: 'tokyo' });
      expect(told(`${kubeconfig}${delimiter}${join(dir, 'other')}`)).to.deep.equal({ context: 'tokyo', kubeconfig });
    } finally {
      if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = KUBECONFIG;
    }
  });

  it('tells of a server neither the user nor the password in its URL, and nothing of what a parser quotes', async () => {
    const joe = CLUSTERS.replace('https://', 'http://joe:srvPassw0rd@');
    const having = (clusters: string) => file(context('tokyo')).replace(CLUSTERS, clusters);
    const plain = refused(() => open(having(joe)));
    const config = new KubeConfig();
    config.loadFromString(having(joe.replace('server:', 'insecure-skip-tls-verify: true, server:')));
    config.setCurrentContext('tokyo');
    const away = await new Rest(config, 'east', virtualClock())
      .text({ method: 'POST', path: '/x', what: 'ask' })
      .catch(messageOf);
    const broken = refused(() => open(`users: [{name: u, user: {token: s3cr3t-t0ken\n${CLUSTERS}`));
    const list = refused(() => {
      writeFileSync(join(dir, 'broken'), `users: [{name: u, user: {token: s3cr3t-t0ken\n${CLUSTERS}`);
      contextsIn([join(dir, 'broken')]);
    });
    expect(plain.message).to.contain('names http://127.0.0.1:1, which');
    expect(away).to.contain('http://127.0.0.1:1 does not answer');
    for (const { message } of [broken, list]) expect(message).to.match(/cannot be read: .*\(\d+:\d+\)$/);
    for (const said of [plain.message, away, broken.message]) expect(said).to.not.match(/joe|srvPassw0rd|s3cr3t/);
  });

  it('keeps by which cluster another one is configured', () => {
    const opened = (more: object) => {
      const kubeconfig = join(dir, 'kubeconfig');
      writeFileSync(kubeconfig, file(context('tokyo')));
      const place = { name: 'east', region: 'r', kubeconfig, context: 'tokyo', gateways: [], ...more };
      return openCluster(place, virtualClock()).configuredBy;
    };
    expect([opened({}), opened({ configuredBy: 'west' })]).to.deep.equal([undefined, 'west']);
  });

  it('names the contexts that there are', () => {
    expect(refused(() => open(file(context('osaka'), context('kobe'))))).to.include({
      code: 'NAME_UNKNOWN',
      message: `cluster east: no context tokyo in ${join(dir, 'kubeconfig')}`,
      hint: 'It has: osaka, kobe',
    });
    expect(refused(() => open(file())).hint).to.equal('It has no contexts at all.');
  });

  it('says that a file is not there, or is no kubeconfig', () => {
    const target = { name: 'east', region: 'r', kubeconfig: join(dir, 'none'), context: 'tokyo', gateways: [] };
    const missing = refused(() => openCluster(target, virtualClock()));
    expect(missing.code).to.equal('FILE_UNREADABLE');
    expect(missing.message).to.contain(`kubeconfig ${join(dir, 'none')} does not exist`);
    expect(missing.hint).to.contain('relative path');
    const damaged = refused(() => open('clusters: [{'));
    expect(damaged.code).to.equal('FILE_UNREADABLE');
    expect(damaged.message).to.contain('cannot be read: ');
  });

  it('asks the same of a server whose address ends in a slash', async () => {
    const api = await stubApi();
    try {
      const ending = new AbortController();
      api.answer = ({ query }) => {
        if (query.watch !== undefined) ending.abort();
        return query.watch === undefined ? { body: { items: [], metadata: {} } } : { stream: [] };
      };
      const address = `clusters: [{name: c, cluster: {server: "${api.url}//", insecure-skip-tls-verify: true}}]\nusers: [{name: u, user: {}}]`;
      const cluster = open(`apiVersion: v1\nkind: Config\n${address}\ncontexts: [${context('tokyo')}]\n`);
      await cluster.observe(KINDS.pod, { namespace: 'default' }, () => {}, ending.signal);
      const path = '/api/v1/namespaces/default/pods';
      expect(api.asked.map((asked) => asked.path)).to.deep.equal([path, path]);
    } finally {
      await api.close();
    }
  });

  it('refuses a server over plain HTTP, unless the kubeconfig gives up the check of the server', () => {
    const over = (server: string, more = ''): string =>
      `apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: "${server}"${more}}}]\nusers: [{name: u, user: {}}]\ncontexts: [${context('tokyo')}]\n`;
    const { code, message, hint } = refused(() => open(over('http://127.0.0.1:8001')));
    expect(code).to.equal('TARGET_UNREACHABLE');
    expect(message).to.contain('names http://127.0.0.1:8001, which is plain HTTP');
    expect(hint).to.contain('insecure-skip-tls-verify: true for cluster c');
    expect(open(over('http://127.0.0.1:8001', ', insecure-skip-tls-verify: true')).name).to.equal('east');
    expect(open(over('https://127.0.0.1:6443')).name).to.equal('east');
  });

  it('says that a context leads nowhere', () => {
    expect(refused(() => open(file(context('tokyo', 'nowhere'))))).to.include({
      code: 'TARGET_UNREACHABLE',
      message: 'cluster east: the kubeconfig context names no cluster',
    });
  });

  it('of the pod that this process is says where it is none, and what to name instead', () => {
    const { KUBERNETES_SERVICE_HOST: own } = process.env;
    delete process.env.KUBERNETES_SERVICE_HOST;
    const { code, message, hint } = refused(() => openOwnCluster('tokyo', virtualClock()));
    if (own !== undefined) process.env.KUBERNETES_SERVICE_HOST = own;
    expect([code, message]).to.deep.equal(['TARGET_UNREACHABLE', 'cluster tokyo: this process does not run in a pod']);
    expect(hint).to.contain('--target');
  });
});
