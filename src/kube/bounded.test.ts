import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { BoundedBytes, boundedText, MOST_PROGRAM_BYTES } from './bounded.ts';
import { kubeCluster } from './cluster.ts';

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it was read',
    (error: Error) => error.message,
  );

describe('a bounded answer', () => {
  it('is read whole up to its bound, however it is cut', async () => {
    expect(await boundedText(pieces('東', '京'), 6, 'x')).to.equal('東京');
    const bytes = Buffer.from('東京');
    async function* cut() {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    expect(await boundedText(cut(), 6, 'x')).to.equal('東京');
  });

  it('is refused beyond it, and read no further', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read++;
        yield new Uint8Array(10);
      }
    }
    expect(await failure(boundedText(endless(), 25, 'cluster tokyo: read x'))).to.equal(
      'cluster tokyo: read x: the answer has more than 25 bytes',
    );
    expect(read).to.equal(3);
  });

  it('is not kept beyond it, either', () => {
    const bytes = new BoundedBytes(3, 'x');
    bytes.push(Buffer.from('abc'));
    expect(bytes.text()).to.equal('abc');
    expect(() => bytes.push(Buffer.from('d'))).to.throw('x: the answer has more than 3 bytes');
    expect(bytes.text()).to.equal('');
  });
});

describe('what a program behind an API server says', function () {
  this.timeout(20_000);
  let server: Server;
  let answer: (response: ServerResponse) => void;
  beforeEach(async () => {
    server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  function opened() {
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [
        { name: 'c', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
      ],
      users: [{ name: 'u' }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    const clock = { now: () => 0, wall: () => new Date(), sleep: async () => undefined };
    return kubeCluster({ name: 'tokyo', region: 'r', config, clock });
  }

  const statistics = (): Promise<string> => opened().podProxy('default', 'a', 15090, '/stats');

  it('is bounded by what it unpacks to', async () => {
    answer = (response) => {
      response.setHeader('content-encoding', 'gzip');
      const packed = createGzip();
      packed.pipe(response);
      const piece = Buffer.alloc(1 << 20);
      const more = () => {
        if (response.destroyed) packed.destroy();
        else packed.write(piece, () => setImmediate(more));
      };
      more();
    };
    expect(await failure(statistics())).to.equal(
      `cluster tokyo: read port 15090 of pod default/a: the answer has more than ${MOST_PROGRAM_BYTES} bytes`,
    );
  });

  it('may be nothing', async () => {
    answer = (response) => {
      response.statusCode = 204;
      response.end();
    };
    expect(await statistics()).to.equal('');
  });

  it('is waited for by nobody once the cluster is closed: reads and writes end, and none is sent later', async () => {
    let asked = 0;
    const both = Promise.withResolvers<void>();
    answer = () => {
      if (++asked === 2) both.resolve();
    };
    const cluster = opened();
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'a' } };
    const underWay = [cluster.podProxy('default', 'a', 15090, '/stats'), cluster.podPatch('default', 'a', 80, '/', {})];
    const failures = Promise.all(underWay.map(failure));
    await both.promise;
    cluster.close();
    for (const text of await failures) expect(text).to.contain('cluster tokyo').and.contain('it was closed');
    expect(await failure(cluster.get({ ...object, namespace: 'default', name: 'a' }))).to.contain('it was closed');
    expect(asked).to.equal(2);
  });
});
