import http2 from 'node:http2';
import https from 'node:https';
import type { Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import tls from 'node:tls';
import { expect } from 'chai';
import type { SentLoad } from '../../../model/ports.ts';
import type { Path } from '../../../model/target.ts';
import { authority } from '../authority.ts';
import { CHAIN, loadOf, pathTo } from '../load-fixture.ts';
import { listen, type TestServer } from '../test-server.ts';
import { outcomesOf, type Subject, sender } from './subject.ts';

const HOST = 'shop.example.com';

type Answer = (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void;

/** For a `describe`: starts servers, and closes each after its spec. */
export function ownServers(): (server: object) => Promise<TestServer> {
  const servers: TestServer[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));
  return async (server) => {
    const target = await listen(server as Server);
    servers.push(target);
    return target;
  };
}

/** A path over HTTP/2 through a gateway on a loopback port. */
function http2To(port: number, protocol: Path['protocol'] = 'http'): Path {
  return { ...pathTo(port, 'a', protocol), http2: true };
}

/** HTTP/2 to gateways, over TLS by ALPN and without it. */
export function http2Contract(subject: Subject): void {
  speakingContract(subject);
  failingContract(subject);
}

function speakingContract(subject: Subject): void {
  const run = sender(subject);

  describe('HTTP/2', () => {
    const own = authority('own');
    const serve = ownServers();

    const trusting = (load: SentLoad): SentLoad => ({ ...load, tls: { 'entry@t/a': { ca: own.cert } } });
    const secure = (answer: Answer, more: http2.SecureServerOptions = {}) =>
      serve(http2.createSecureServer({ ...own.issue(HOST), ...more }, answer));

    it('is spoken over TLS, chosen by ALPN, with the request as the scenario words it', async () => {
      const heard = new Set<string>();
      const { port, connections } = await secure(async (request, response) => {
        const { method, url, authority: named, httpVersion, headers } = request;
        heard.add(
          [httpVersion, method, url, named, headers['x-team'], (await buffer(request)).toString('hex')].join(' '),
        );
        response.end(CHAIN);
      });
      const load = loadOf(
        { timeoutMs: 3000 },
        { method: 'POST', path: '/a?b=c', host: HOST, headers: { 'X-Team': 'sre' } },
      );
      const outcome = await run({ ...trusting(load), bodies: { entry: Buffer.from([0, 0xff]) } }, [
        http2To(port, 'https'),
      ]);
      expect(outcomesOf(outcome)).to.deep.equal({ entry: ['response 200'] });
      expect([...heard]).to.deep.equal([`2.0 POST /a?b=c ${HOST} sre 00ff`]);
      expect(outcome.records.filter(({ fresh }) => fresh).length).to.equal(connections());
      if (subject.connections === 'fresh') expect(connections()).to.equal(outcome.records.length);
      else expect(connections()).to.be.lessThan(outcome.records.length);
    });

    it('is spoken unasked without TLS', async () => {
      const { port } = await serve(
        http2.createServer((request, response) => {
          expect(request.authority).to.equal(`127.0.0.1:${port}`);
          response.end(CHAIN);
        }),
      );
      expect(outcomesOf(await run(loadOf(), [http2To(port)]))).to.deep.equal({ entry: ['response 200'] });
    });

    it('is nothing else: a gateway that does not choose it gets no request', async () => {
      let requests = 0;
      const heard = () => {
        requests += 1;
      };
      const other = await serve(https.createServer(own.issue(HOST), heard));
      const none = await serve(
        tls.createServer(own.issue(HOST), (socket) => socket.on('data', heard).on('error', () => {})),
      );
      for (const [{ port }, error] of [
        [other, 'tls'],
        [none, 'protocol'],
      ] as const) {
        const outcome = await run(trusting(loadOf({ timeoutMs: 3000 }, { host: HOST })), [http2To(port, 'https')]);
        expect(outcomesOf(outcome)).to.deep.equal({ entry: [error] });
      }
      expect(requests).to.equal(0);
    });
  });
}

function failingContract(subject: Subject): void {
  const run = sender(subject);

  describe('HTTP/2 under way', () => {
    const serve = ownServers();

    it('carries as many requests at once over one connection as its server takes, and opens another beyond', async () => {
      let most = 0;
      const server = http2.createServer({ settings: { maxConcurrentStreams: 8 } }, (_, response) => {
        setTimeout(() => response.end(CHAIN), 150);
      });
      server.on('session', (session) => {
        let open = 0;
        session.on('stream', (stream) => {
          open += 1;
          most = Math.max(most, open);
          stream.once('close', () => {
            open -= 1;
          });
        });
      });
      const { port, connections } = await serve(server);
      const outcome = await run(loadOf(), [http2To(port)], {
        enough: (h) => (h.progress().paths[0]?.sent ?? 0) >= 60,
      });
      expect(outcomesOf(outcome)).to.deep.equal({ entry: ['response 200'] });
      if (subject.connections === 'kept') expect([most > 1, most <= 8]).to.deep.equal([true, true]);
      else expect([most, connections()]).to.deep.equal([1, outcome.records.length]);
    });

    it('sends nothing twice: refused, reset and broken streams and lost connections are seen', async () => {
      let turn = 0;
      const server = http2.createServer();
      server.on('stream', (stream) => {
        turn += 1;
        stream.on('error', () => {});
        if (turn % 4 === 0) return stream.session?.destroy();
        if (turn % 4 === 1) return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
        stream.respond({ ':status': 200 });
        if (turn % 4 === 2) return stream.end(CHAIN);
        stream.write('half');
        return setTimeout(() => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR), 5);
      });
      const { port } = await serve(server);
      const outcome = await run(loadOf({ ratePerSecond: 20 }), [http2To(port)], {
        enough: (h) => (h.progress().paths[0]?.sent ?? 0) >= 12,
      });
      expect(turn).to.equal(outcome.records.filter((record) => record.ended !== 'dropped').length);
      expect(outcomesOf(outcome)).to.deep.equal({ entry: ['closed', 'reset', 'response 200'] });
    });

    it('times out from the due time, and sends nothing more over a connection that was silent', async () => {
      const sessions = new Set<unknown>();
      const server = http2.createServer().on('session', (session) => sessions.add(session));
      server.on('stream', (stream) => {
        stream.on('error', () => {});
        if (stream.session === [...sessions][0]) return;
        stream.respond({ ':status': 200 });
        stream.end(CHAIN);
      });
      const { port } = await serve(server);
      const outcome = await run(loadOf({ timeoutMs: 200, ratePerSecond: 20 }), [http2To(port)], {
        enough: (h) => (h.progress().paths[0]?.sent ?? 0) >= 20,
      });
      expect(outcomesOf(outcome)).to.deep.equal({ entry: ['response 200', 'timeout'] });
      const late = outcome.records.filter(({ error }) => error === 'timeout');
      for (const { due, end } of late) expect(end - due).to.be.at.least(199_000);
      expect(outcome.records.toSorted((x, y) => x.seq - y.seq).at(-1)?.ended).to.equal('response');
    });
  });
}
