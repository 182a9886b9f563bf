import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { startTestServer, type TestServer, until } from '../testing/test-server.ts';
import type { JsonMap } from './json.ts';

const POD = '/api/v1/namespaces/default/pods/p';
const HELD = 'first line of default/p/one\nsecond line\n';

describe('pods over HTTP', () => {
  let api: TestServer;
  beforeEach(async () => {
    api = await startTestServer();
    const spec = { nodeName: 'n', containers: [{ name: 'one', image: 'x' }] };
    api.store.create({ ...KINDS.pod, metadata: { name: 'p', namespace: 'default' }, spec });
  });
  afterEach(() => api.close());

  describe('a followed log', () => {
    const log = () => api.logOf('default/p/one');

    async function follow(query = ''): Promise<IncomingMessage> {
      const asked = request(`${api.server.url}${POD}/log?follow=true${query}`).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      return response.setEncoding('utf8');
    }

    /** Reads until there is so much text. */
    async function textOf(response: IncomingMessage, length: number): Promise<string> {
      let text = '';
      while (text.length < length) text += (await once(response, 'data'))[0];
      return text;
    }

    it('gives what is there, then what comes, and ends with the container', async () => {
      const response = await follow();
      expect(response.headers['content-type']).to.equal('text/plain; charset=utf-8');
      expect(await textOf(response, HELD.length)).to.equal(HELD);
      const [first, second] = [Buffer.from('東京').subarray(0, 4), Buffer.from('東京').subarray(4)];
      log().write(first);
      log().write(second);
      log().write('\nthe end');
      log().end();
      expect((await response.toArray()).join('')).to.equal('東京\nthe end');
      expect(response.complete).to.equal(true);
    });

    it('begins with the last lines when so many are asked for', async () => {
      log().end();
      expect((await (await follow('&tailLines=1')).toArray()).join('')).to.equal('second line\n');
      expect((await (await follow('&tailLines=0')).toArray()).join('')).to.equal('');
    });

    it('may be opened in the middle of a character', async () => {
      log().write(Buffer.from('🗻').subarray(0, 2));
      const response = await follow('&tailLines=1');
      log().write(Buffer.from('🗻').subarray(2));
      log().end();
      expect((await response.toArray()).join('')).to.equal('🗻');
    });

    it('is told of before anything is written', async () => {
      log().pieces.length = 0;
      const response = await follow();
      log().end();
      expect((await response.toArray()).join('')).to.equal('');
    });

    it('loses nothing of a lot', async () => {
      const response = await follow();
      const piece = `${'x'.repeat(99_999)}\n`;
      for (let i = 0; i < 200; i += 1) log().write(piece);
      log().end();
      const text = (await response.toArray()).join('');
      expect(text.length).to.equal(HELD.length + 200 * piece.length);
    });

    it('is let go when its reader leaves', async () => {
      let listeners = 0;
      const { listen } = log();
      log().listen = (listener) => {
        const stop = listen.call(log(), listener);
        listeners += 1;
        return () => {
          listeners -= 1;
          stop();
        };
      };
      const response = await follow();
      await textOf(response, HELD.length);
      expect(listeners).to.equal(1);
      response.destroy();
      await until('nobody listens', () => listeners === 0);
    });

    it('can be cut off', async () => {
      api.misbehave.request = () => ({ kind: 'truncate' });
      const response = await follow();
      let text = '';
      response.on('data', (piece) => {
        text += piece;
      });
      expect((await once(response, 'error'))[0]).to.include({ code: 'ECONNRESET' });
      expect(text).to.equal(HELD.slice(0, HELD.length / 2));
    });
  });

  it('has no log of a container that waits for its first start', async () => {
    const spec = { containers: [{ name: 'one', image: 'x' }] };
    const pod = { ...KINDS.pod, metadata: { name: 'q', namespace: 'default' }, spec };
    api.store.create(pod);
    const answer = (one: JsonMap) => {
      const status = { containerStatuses: [{ name: 'one', ...one }] };
      api.store.update({ ...pod, status }, { subresource: 'status' });
      return api.call('GET', '/api/v1/namespaces/default/pods/q/log');
    };
    const { status, body } = await answer({ state: { waiting: { reason: 'ContainerCreating' } } });
    expect(status).to.equal(400);
    expect(body.message).to.equal('container "one" in pod "q" is waiting to start: ContainerCreating');
    const crashed = { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } };
    expect((await answer(crashed)).status).to.equal(200);
  });

  it('passes any method and body on to the pod', async () => {
    const body = '{"data":{"attributes":{"paused":false}}}';
    for (const method of ['PATCH', 'POST', 'PUT', 'DELETE']) {
      const type = { 'content-type': 'application/vnd.api+json' };
      const answer = await api.call(method, `${POD}:6565/proxy/v1/status?a=b`, body, type);
      expect(answer.status).to.equal(200);
      expect(answer.text).to.equal(`${method} /v1/status?a=b application/vnd.api+json ${body}`);
    }
  });

  it('forwards a port over the protocol of the kubelet, to pods that run, for those who may get and create', async () => {
    const upgrade = async (protocol: string, query = '?ports=15000') => {
      const headers = {
        ...{ authorization: 'Bearer secret', connection: 'Upgrade', upgrade: 'websocket' },
        ...{ 'sec-websocket-key': 'x', 'sec-websocket-version': '13', 'sec-websocket-protocol': protocol },
      };
      const asked = request(`${api.server.url}${POD}/portforward${query}`, { headers }).end();
      const taken = once(asked, 'upgrade').then(async ([response, socket, head]) => {
        socket.end();
        const [first, rest] = [head as Buffer, (await socket.toArray()) as Buffer[]];
        return `${response.statusCode} ${response.headers['sec-websocket-protocol']} ${Buffer.concat([first, ...rest])}`;
      });
      return Promise.race([taken, once(asked, 'response').then(([response]) => response.statusCode)]);
    };
    const both = 'v5.channel.k8s.io, v4.channel.k8s.io';
    expect(await upgrade(both)).to.match(/^101 v4\.channel\.k8s\.io .*port 15000 to pod p: .*connection refused/s);
    expect(await upgrade('SPDY/3.1+portforward.k8s.io')).to.equal(400);
    expect(await upgrade(both, '?ports=none')).to.equal(400);
    for (const verb of ['get', 'create']) {
      api.users.denials.splice(0, 1, { verb, resource: 'pods', subresource: 'portforward' });
      expect(await upgrade(both), verb).to.equal(403);
    }
    expect((await api.call('GET', `${POD}/portforward?ports=15000`)).status).to.equal(400);
  });

  it('needs the verb of the method for the proxy', async () => {
    api.users.denials.push({ verb: 'patch', resource: 'pods', subresource: 'proxy' });
    expect((await api.call('PATCH', `${POD}:6565/proxy/v1/status`, '{}')).status).to.equal(403);
    expect((await api.call('GET', `${POD}:6565/proxy/v1/status`)).status).to.equal(200);
  });
});
