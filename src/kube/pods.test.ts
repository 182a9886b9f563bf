import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { Clock, PodCluster } from '../model/ports.ts';
import { kubeCluster } from './cluster.ts';
import { failure } from './testing/failure.ts';

const clock: Clock = { now: () => 0, wall: () => new Date(), sleep: async () => undefined };
const WHERE = { namespace: 'load', pod: 'k6-1', container: 'k6' };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

function clusterAt(port: number): PodCluster {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }],
    users: [{ name: 'u', token: 'secret' }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  return kubeCluster({ name: 'tokyo', region: 'ap-northeast-1', config, clock });
}

describe('pods over an API server', () => {
  let server: Server;
  let answer: Answer;
  let cluster: PodCluster;
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cluster = clusterAt((server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  /** Follows the log to its end. */
  async function logOf(signal = new AbortController().signal): Promise<string[]> {
    const lines: string[] = [];
    await cluster.podLog(WHERE, (line) => lines.push(line), signal);
    return lines;
  }

  describe('podLog', () => {
    it('asks to follow one container, as the user of the context', async () => {
      let user: string | undefined;
      answer = ({ headers }, response) => {
        user = headers.authorization;
        response.end();
      };
      expect(await logOf()).to.deep.equal([]);
      expect(asked).to.deep.equal(['GET /api/v1/namespaces/load/pods/k6-1/log?container=k6&follow=true']);
      expect(user).to.equal('Bearer secret');
    });

    it('gives whole lines, however the bytes are cut, and the last one without an end', async () => {
      const text = 'first: 東京\n\n{"a":"\u2028"}\rb\nlast 🗻';
      answer = async (_, response) => {
        for (const byte of Buffer.from(text)) {
          response.write(Buffer.of(byte));
          await new Promise(setImmediate);
        }
        response.end();
      };
      expect(await logOf()).to.deep.equal(text.split('\n'));
    });

    it('tells each line as soon as it is there, and ends in peace when the signal is aborted', async () => {
      const gone = Promise.withResolvers<void>();
      answer = (request, response) => {
        request.socket.once('close', () => gone.resolve());
        response.write('one\ntwo\nthr');
      };
      const ending = new AbortController();
      const lines: string[] = [];
      await cluster.podLog(
        WHERE,
        (line) => {
          lines.push(line);
          ending.abort();
        },
        ending.signal,
      );
      await gone.promise;
      expect(lines).to.deep.equal(['one']);
    });

    it('ends in peace before the first byte, and asks nothing when it is over already', async () => {
      const ending = new AbortController();
      answer = () => ending.abort();
      expect(await logOf(ending.signal)).to.deep.equal([]);
      expect(asked).to.have.length(1);
      expect(await logOf(ending.signal)).to.deep.equal([]);
      expect(asked).to.have.length(1);
    });

    it('says where a log broke off, and does not read it again', async () => {
      answer = (_, response) => {
        response.write('one\ntw', () => response.destroy());
      };
      const lines: string[] = [];
      const reading = cluster.podLog(WHERE, (line) => lines.push(line), new AbortController().signal);
      const error = await failure(reading);
      expect(error.code).to.equal('TARGET_UNREACHABLE');
      expect(error.message).to.contain('cluster tokyo: log of k6 in pod load/k6-1 broke off');
      expect(lines).to.deep.equal(['one']);
      expect(asked).to.have.length(1);
    });

    it('says what the API server has against it', async () => {
      answer = (_, response) => {
        const message = 'container "k6" in pod "k6-1" is waiting to start: ContainerCreating';
        response.writeHead(400).end(JSON.stringify({ kind: 'Status', message }));
      };
      const error = await failure(logOf());
      expect(error.code).to.equal('KUBE_API');
      expect(error.message)
        .to.contain('cluster tokyo: open log of k6 in pod load/k6-1: 400')
        .and.contain('is waiting to start: ContainerCreating');
      expect(asked).to.have.length(1);
    });

    it('opens again after what passes by itself', async () => {
      answer = (_, response) => {
        if (asked.length < 3) response.writeHead(503).end();
        else response.end('there\n');
      };
      expect(await logOf()).to.deep.equal(['there']);
    });

    it('says who does not answer', async () => {
      answer = (request) => request.socket.destroy();
      const error = await failure(logOf());
      expect(error.code).to.equal('TARGET_UNREACHABLE');
      expect(error.message).to.contain('cluster tokyo: open log of k6 in pod load/k6-1');
    });

    it('leaves an error of the listener as it is, and hangs up', async () => {
      const gone = Promise.withResolvers<void>();
      answer = (request, response) => {
        request.socket.once('close', () => gone.resolve());
        response.write('one\n');
      };
      const mine = new Error('mine');
      const refusing = cluster.podLog(
        WHERE,
        () => {
          throw mine;
        },
        new AbortController().signal,
      );
      expect(await refusing.catch((error: unknown) => error)).to.equal(mine);
      await gone.promise;
    });
  });

  describe('podPatch', () => {
    it('sends JSON once through the proxy and gives the answer', async () => {
      let got: unknown;
      answer = async (request, response) => {
        const body = Buffer.concat(await request.toArray()).toString();
        got = { type: request.headers['content-type'], body };
        response.end('done');
      };
      expect(await cluster.podPatch('load', 'k6-1', 6565, '/v1/status', { data: { paused: false } })).to.equal('done');
      expect(asked).to.deep.equal(['PATCH /api/v1/namespaces/load/pods/k6-1:6565/proxy/v1/status']);
      expect(got).to.deep.equal({ type: 'application/json', body: '{"data":{"paused":false}}' });
    });

    it('is not repeated, and names cluster, port and pod', async () => {
      answer = (_, response) => response.writeHead(503).end('no endpoints');
      const error = await failure(cluster.podPatch('load', 'k6-1', 6565, '/v1/status', {}));
      expect(error.message).to.contain('cluster tokyo: write to port 6565 of pod load/k6-1: 503 no endpoints');
      expect(asked).to.have.length(1);
    });
  });
});
