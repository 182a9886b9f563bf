import { expect } from 'chai';
import type { PathTemplate } from '../model/scenario.ts';
import { accepted, diagnosticsOf, edited, FULL, parse } from './testing/fixtures.ts';

/** The full scenario with another second request and, behind it, this. */
const withRequest = (request: string, good = '', text = FULL) =>
  edited(text, 'request: {path: /other}', `request: ${request}${good === '' ? '' : `\n        good: ${good}`}`);
const pathOf = (text: string) => accepted(parse(text)).load.paths[1] as PathTemplate;
const problemsOf = (text: string) => diagnosticsOf(parse(text)).map(({ message, hint = '' }) => `${message}; ${hint}`);

const HEADERS = { te: 'trailers', 'content-type': 'application/grpc' };

describe('scenario: HTTP/2 and gRPC', () => {
  it('is a protocol of a request, and nothing else changes', () => {
    const { request, good } = pathOf(withRequest('{path: /other, protocol: http2}'));
    expect(request).to.deep.equal({ path: '/other', protocol: 'http2', method: 'GET', headers: {} });
    expect(good).to.equal(undefined);
  });

  it('asks the health service, which must say that it serves, whatever status is good elsewhere', () => {
    const { request, good } = pathOf(
      withRequest('{host: shop.example, grpc: {health: shop.v1.Orders}, headers: {x-a: b}}'),
    );
    expect(request).to.deep.equal({
      host: 'shop.example',
      path: '/grpc.health.v1.Health/Check',
      method: 'POST',
      protocol: 'grpc',
      headers: { 'x-a': 'b', ...HEADERS },
      body: { kind: 'health', service: 'shop.v1.Orders' },
    });
    const content = [{ of: 'grpc', status: ['OK'], serving: true }];
    expect(good).to.deep.equal({ status: 200, chain: ['mocka', 'mockb'], latencyMs: 1000, content });
    const whole = pathOf(withRequest('{grpc: {health: ""}}')).request.body;
    expect(whole).to.deep.equal({ kind: 'health', service: '' });
  });

  it('calls a method with a message from a file, or an empty one, and looks at its status and headers', () => {
    const call = '{grpc: {method: shop.v1.Orders/Get}, body: {file: ./get.binpb}}';
    const { request, good } = pathOf(withRequest(call, '{grpc: [OK, NOT_FOUND], header: {name: x-a, equals: b}}'));
    expect(request).to.deep.include({ path: '/shop.v1.Orders/Get', body: { kind: 'file', file: './get.binpb' } });
    expect(good?.content).to.deep.equal([
      { of: 'grpc', status: ['OK', 'NOT_FOUND'] },
      { of: 'header', name: 'x-a', expected: { equals: 'b' } },
    ]);
    expect(pathOf(withRequest('{grpc: {method: Orders/Get}}')).request).to.not.have.property('body');
  });

  it('says what cannot be', () => {
    const refused: Readonly<Record<string, string>> = {
      '{grpc: {health: ""}, path: /a}': 'path',
      '{grpc: {}}': 'health',
      '{grpc: {method: Get}}': 'must be a service and a method such as shop.v1.Orders/Get',
      '{grpc: {health: shop/Orders}}': 'must be the full name of a service',
      '{path: /a, protocol: http3}': 'http2',
      '{grpc: {health: ""}, method: POST}': 'every call of gRPC is a POST',
      '{grpc: {health: ""}, protocol: http2}': 'gRPC is always spoken over HTTP/2',
      '{grpc: {health: ""}, body: {file: ./a}}': 'follows from `health`',
      '{grpc: {method: a/B}, body: {json: {a: 1}}}': 'a message of gRPC is protobuf, from a file',
      '{grpc: {method: a/B}, body: text}': 'a message of gRPC is protobuf, from a file',
      '{grpc: {method: a/B}, headers: {Content-Type: a}}': 'its own content type',
      '{path: /a, protocol: http2, headers: {Upgrade: a}}': 'HTTP/2 has no header Upgrade',
    };
    for (const [request, words] of Object.entries(refused)) {
      const problems = problemsOf(withRequest(request));
      expect(problems, request).to.have.length(1);
      expect(problems[0], request).to.contain(words);
    }
    expect(problemsOf(withRequest('{path: /a, headers: {Upgrade: a}}'))).to.deep.equal([]);
  });

  it('says what of an answer cannot be looked at, where it is written', () => {
    const call = '{grpc: {health: ""}}';
    expect(problemsOf(withRequest(call, '{status: 200}')).join()).to.contain('always 200');
    expect(problemsOf(withRequest(call, '{body: {matches: a}}'))).to.deep.equal([
      'an answer of gRPC has no body that can be looked at; look at `grpc` and `header`',
    ]);
    const shared = edited(FULL, 'latency: 1s}', 'latency: 1s, location: a}');
    expect(problemsOf(withRequest(call, '', shared))).to.deep.equal([
      'an answer of gRPC has no location that can be looked at; write it in `good` of the paths that it is for',
    ]);
    expect(problemsOf(withRequest('{path: /a}', '{grpc: OK}')).join()).to.contain('this path is no call of gRPC');
    expect(problemsOf(withRequest(call, '{grpc: FINE}')).join()).to.contain('FINE');
  });

  it('needs an engine that speaks it', () => {
    const fromPods = edited(FULL, 'connections: fresh', 'connections: fresh\n    engine: k6-operator');
    for (const [request, field] of [
      ['{grpc: {health: ""}}', 'grpc'],
      ['{path: /a, protocol: http2}', 'protocol'],
    ] as const)
      expect(problemsOf(withRequest(request, '', fromPods)).join()).to.contain(
        `spec.load.paths[1].request.${field} needs \`undici\` or \`k6\`, and the engine is \`k6-operator\``,
      );
  });
});
