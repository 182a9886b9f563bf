import http2 from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { frame, HEALTH_CHECK, healthRequest } from '../../../model/grpc.ts';
import type { SentLoad } from '../../../model/ports.ts';
import type { ContentCheck, GoodRequest, PathTemplate } from '../../../model/scenario.ts';
import { CHAIN, loadOf } from '../load-fixture.ts';
import { ownServers } from './http2.ts';
import { BARE, outcomesOf, requestsTo, type Subject, sender } from './subject.ts';

const HEADERS = { te: 'trailers', 'content-type': 'application/grpc' };
const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

/** Answers a call: with these trailers after a message, or with nothing but headers, as proxies do. */
function answer(stream: http2.ServerHttp2Stream, message: string, trailers: Record<string, string>): void {
  stream.respond(HEAD, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers)).end(frame(Buffer.from(message, 'hex')));
}

/** By the name of the method, what it answers and what a record says of that. */
const METHODS: Readonly<
  Record<string, { readonly says: string; readonly by: (stream: http2.ServerHttp2Stream) => void }>
> = {
  Good: { says: 'response 200', by: (stream) => answer(stream, '0a', { 'grpc-status': '0' }) },
  // What Envoy says of a cluster without a host that it may call (response flag UH): headers alone.
  NoHost: {
    says: 'response 200: gRPC UNAVAILABLE: no healthy upstream',
    by: (stream) =>
      stream.respond({ ...HEAD, 'grpc-status': '14', 'grpc-message': 'no healthy upstream' }, { endStream: true }),
  },
  Denied: {
    says: 'response 200: gRPC PERMISSION_DENIED: nicht für dich…',
    by: (stream) => answer(stream, '', { 'grpc-status': '7', 'grpc-message': encodeURIComponent('nicht\nfür dich…') }),
  },
  Bare: { says: 'response 200: gRPC INTERNAL', by: (stream) => answer(stream, '', { 'grpc-status': '13' }) },
  Strange: { says: 'response 200: gRPC code 99', by: (stream) => answer(stream, '', { 'grpc-status': '99' }) },
  Silent: { says: 'response 200: gRPC: no grpc-status in the answer', by: (stream) => answer(stream, '', { x: 'y' }) },
  // An answer by something that knows no gRPC.
  Plain: {
    says: 'response 503',
    by: (stream) => {
      stream.respond({ ':status': 503 });
      stream.end('no healthy upstream');
    },
  },
  Reset: { says: 'reset', by: (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR) },
};

const serving: ContentCheck = { of: 'grpc', status: ['OK'], serving: true };
const call = (path: string): PathTemplate['request'] => ({ method: 'POST', path, headers: HEADERS, protocol: 'grpc' });
const goodBy = (...content: ContentCheck[]): GoodRequest => ({ ...BARE, content });

/** Starts a server of gRPC on a loopback port, and words calls to it. */
async function callsTo(
  serve: ReturnType<typeof ownServers>,
  by: (stream: http2.ServerHttp2Stream, path: string) => void,
  templates: Partial<PathTemplate>[],
) {
  const server = http2.createServer().on('stream', (stream, headers) => {
    stream.on('error', () => {});
    by(stream, String(headers[':path']));
  });
  const { load, paths } = requestsTo((await serve(server)).port, templates, { ratePerSecond: 20 });
  return { load, paths: paths.map((path) => ({ ...path, http2: true as const })) };
}

const bodiesOf = (load: SentLoad, message: Uint8Array) =>
  Object.fromEntries(load.paths.map(({ name }) => [name, frame(message)]));

/** Unary calls of gRPC. */
export function grpcContract(subject: Subject): void {
  const run = sender(subject);

  describe('gRPC', () => {
    const serve = ownServers();

    it('is good by its status, which stands in the trailer; an error says status and message', async () => {
      const templates = Object.keys(METHODS).map((name) => ({
        name,
        request: call(`/shop.Orders/${name}`),
        good: goodBy({ of: 'grpc', status: ['OK'] }),
      }));
      const { load, paths } = await callsTo(
        serve,
        (stream, path) => METHODS[path.split('/')[2] ?? '']?.by(stream),
        templates,
      );
      const outcome = await run({ ...load, bodies: bodiesOf(load, Buffer.from('m')) }, paths);
      const said = Object.fromEntries(Object.entries(METHODS).map(([name, { says }]) => [name, [says]]));
      expect(outcomesOf(outcome)).to.deep.equal(said);
      for (const { path, good, bad } of outcome.view.paths)
        expect([path, good > 0, bad > 0]).to.deep.equal([path, path.startsWith('Good'), !path.startsWith('Good')]);
    });

    it('asks the health service, which must say that it serves', async () => {
      const heard = new Set<string>();
      const said = ['0801', '0802', '', '0803', '0a00'];
      let turn = -1;
      const by = async (stream: http2.ServerHttp2Stream, path: string) => {
        heard.add(`${path} ${(await buffer(stream)).toString('hex')}`);
        turn += 1;
        answer(stream, said[turn % said.length] ?? '', { 'grpc-status': '0' });
      };
      const template = { name: 'health', request: call(HEALTH_CHECK), good: goodBy(serving) };
      const { load, paths } = await callsTo(serve, (stream, path) => void by(stream, path), [template]);
      const outcome = await run({ ...load, bodies: bodiesOf(load, healthRequest('shop')) }, paths, {
        enough: (handle) => (handle.progress().paths[0]?.sent ?? 0) >= 8,
      });
      expect([...heard]).to.deep.equal([`${HEALTH_CHECK} 00000000060a0473686f70`]);
      expect(outcomesOf(outcome).health).to.deep.equal([
        'response 200',
        ...['NOT_SERVING', 'SERVICE_UNKNOWN', 'UNKNOWN', 'something else'].map(
          (health) => `response 200: gRPC OK: the health service says ${health}, not SERVING`,
        ),
      ]);
    });

    it('tells where it was served in a header or a trailer, and never in its message', async () => {
      const chain = { from: { kind: 'header', name: 'x-served-by' }, hop: loadOf().chain.hop } as const;
      const by = (stream: http2.ServerHttp2Stream, path: string) => {
        if (path === '/s/Trailer')
          return answer(stream, Buffer.from('x').toString('hex'), { 'grpc-status': '0', 'x-served-by': CHAIN });
        stream.respond({ ...HEAD, 'x-served-by': CHAIN }, { waitForTrailers: true });
        return stream
          .on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
          .end(frame(Buffer.from('x')));
      };
      const good = { ...goodBy({ of: 'grpc', status: ['OK'] }), chain: ['mocka', 'mockb'] };
      const templates = ['Trailer', 'Header'].map((name) => ({ name, request: call(`/s/${name}`), good }));
      const { load, paths } = await callsTo(serve, by, templates);
      const sent = { ...load, bodies: bodiesOf(load, Buffer.alloc(0)) };
      const told = await run({ ...sent, chain }, paths);
      expect(told.chains.map(({ hops, rest }) => [hops.length, rest])).to.deep.equal([[2, '']]);
      expect(told.view.paths.map(({ bad }) => bad)).to.deep.equal([0, 0]);
      const untold = await run(sent, paths);
      expect(untold.chains).to.deep.equal([{ hops: [], rest: '' }]);
    });
  });
}
