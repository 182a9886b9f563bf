import { expect } from 'chai';
import { Errors } from 'typebox/value';
import type { RunResult } from '../model/result.ts';
import type { Path, PathTls } from '../model/target.ts';
import { serializeResult } from './serialize.ts';
import { visibleText } from './testing/markup.ts';
import { RESULT_SCHEMA, renderHtml, renderMarkdown, renderTerminal } from './testing/render.ts';
import { pass } from './testing/results/pass.ts';

function withTls(tls: PathTls, more: Partial<Path> = {}): RunResult {
  const { run } = pass;
  const [first, ...others] = run.topology.paths;
  if (first === undefined) throw new Error('the fixture has no path');
  return { ...pass, run: { ...run, topology: { ...run.topology, paths: [{ ...first, tls, ...more }, ...others] } } };
}

const shapes = (result: RunResult) => [
  visibleText(renderHtml(result)),
  renderMarkdown(result),
  renderTerminal(result, { color: false, width: 1000 }),
];

describe('report: TLS without a check', () => {
  const warning = /certificate of gateway tokyo\/ap-northeast-1a is not checked/;

  it('is a warning in every shape, even of a run that passed', () => {
    for (const shape of shapes(withTls({ insecure: true }))) expect(shape).to.match(warning);
  });

  it('is no word where certificates are checked', () => {
    for (const shape of shapes(withTls({ ownAuthority: true }))) expect(shape).to.not.contain('not checked');
  });

  it('stands beside the address, and in a result that readers know', () => {
    const result = withTls({ serverName: 's.example', ownAuthority: true, clientCertificate: true });
    expect(visibleText(renderHtml(result))).to.contain('(server name s.example, own authority, client certificate)');
    expect([...Errors(RESULT_SCHEMA, JSON.parse(serializeResult(result)))]).to.deep.equal([]);
  });

  it('stands beside HTTP/2, which is all that was spoken then', () => {
    const secure = withTls({ ownAuthority: true }, { protocol: 'https', http2: true });
    expect(visibleText(renderHtml(secure))).to.contain('(HTTP/2, own authority)');
    const plain = withTls({}, { protocol: 'http', http2: true });
    expect(visibleText(renderHtml(plain))).to.contain('(HTTP/2 without TLS)');
    expect([...Errors(RESULT_SCHEMA, JSON.parse(serializeResult(plain)))]).to.deep.equal([]);
  });

  it('is of a scenario with calls of gRPC, in a result that readers know', () => {
    const { run } = pass;
    const { load } = run.scenario;
    const request = { method: 'POST', path: '/s/M', headers: {}, protocol: 'grpc' } as const;
    const content = [{ of: 'grpc', status: ['OK', 'NOT_FOUND'], serving: true }] as const;
    const paths = [
      {
        name: 'entry',
        request: { ...request, body: { kind: 'health', service: 's' } },
        via: 'each-gateway-zone',
        good: { ...load.good, content },
      },
    ] as const;
    const result = { ...pass, run: { ...run, scenario: { ...run.scenario, load: { ...load, paths } } } };
    expect([...Errors(RESULT_SCHEMA, JSON.parse(serializeResult(result)))]).to.deep.equal([]);
  });
});
