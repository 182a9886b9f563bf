import { expect } from 'chai';
import { loadOf, pathTo } from '../../testing/load-fixture.ts';
import { k6Arguments, k6Environment } from '../local/command.ts';
import { capacity } from './arrivals.ts';
import { extensionConfig } from './extension-config.ts';

const RUN = { socket: '/s', longestMs: 60_000 };

describe('load/k6/config/extension-config: a load in the words of k6', () => {
  it('gives each path its own scenario, shifted, with users for every request that can wait', () => {
    const { options, client } = extensionConfig(
      loadOf({ ratePerSecond: 2.5 }),
      [pathTo(80, 'a'), pathTo(80, 'b')],
      RUN,
    );
    expect(client.paths.map(({ intervalNs }) => intervalNs)).to.deep.equal([400_000_000, 400_000_000]);
    expect(options.scenarios).to.have.keys('path0', 'path1');
    const scenarios = options.scenarios as Record<string, Record<string, unknown>>;
    expect(scenarios.path1).to.include({
      executor: 'constant-arrival-rate',
      rate: 1,
      timeUnit: '400000000ns',
      startTime: '200000000ns',
      preAllocatedVUs: 4,
      maxVUs: 4,
      duration: '60000ms',
      gracefulStop: '1000ms',
    });
    expect(options.systemTags).to.deep.equal(['scenario']);
    expect(scenarios.path1?.env).to.deep.equal({ FAULTLINE_PATH: '1' });
    expect(capacity({ timeoutMs: 60_000 }, 5000)).to.equal(2000);
    expect(capacity({ timeoutMs: 1 }, 0.01)).to.equal(1);
  });

  it('tells the extension what it needs besides the requests', () => {
    const load = loadOf({ timeoutMs: 700 });
    expect(extensionConfig(load, [pathTo(80)], RUN).client).to.include({
      socket: '/s',
      timeoutMs: 700,
      keep: true,
      hop: load.chain.hop,
      header: '',
    });
    const chain = { ...load.chain, from: { kind: 'header', name: 'X-Chain' } as const };
    const { client } = extensionConfig(loadOf({ chain }), [pathTo(80)], RUN);
    expect(client).to.include({ header: 'X-Chain' });
  });

  it('dials the address of the path under the name of the host', () => {
    const load = loadOf({ connections: 'fresh' }, { host: 'mock.example:8443', headers: { 'X-Team': 'sre' } });
    const { client } = extensionConfig(load, [pathTo(443, 'a', 'https')], RUN);
    expect(client.keep).to.equal(false);
    expect(client.paths[0]).to.deep.equal({
      id: 'entry@t/a',
      method: 'GET',
      target: '/mock',
      authority: 'mock.example:8443',
      serverName: 'mock.example',
      headers: [['X-Team', 'sre']],
      body: '',
      tell: { body: false, headers: [] },
      tls: true,
      host: '127.0.0.1',
      port: '443',
      http2: false,
      grpc: false,
      intervalNs: 10_000_000,
      ca: '',
      cert: '',
      key: '',
      insecure: false,
    });
    const named = extensionConfig(loadOf({}, { host: 'a', headers: { Host: 'b' } }), [pathTo(80)], RUN).client.paths[0];
    expect(named).to.deep.include({ authority: 'b', headers: [] });
    const bare = (host: string, port: number) =>
      extensionConfig(loadOf(), [{ ...pathTo(port), host }], RUN).client.paths[0];
    expect(bare('::1', 8080)).to.include({ authority: '[::1]:8080', serverName: '::1', host: '::1' });
    expect(bare('127.0.0.1', 80)).to.include({ authority: '127.0.0.1' });
    expect(bare('127.0.0.1', 443)).to.include({ authority: '127.0.0.1:443' });
    const secure = (port: number) =>
      extensionConfig(loadOf(), [pathTo(port, 'a', 'https')], RUN).client.paths[0]?.authority;
    expect([secure(443), secure(80)]).to.deep.equal(['127.0.0.1', '127.0.0.1:80']);
  });

  it('gives each rate an interval and users of its own, and shifts the paths of one rate only', () => {
    const [entry] = loadOf().paths;
    if (entry === undefined) throw new Error('the load has no path');
    const load = { ...loadOf(), paths: [entry, { ...entry, name: 'slow', ratePerSecond: 10 }] };
    const slow = { ...pathTo(80), name: 'slow' };
    const { options, client } = extensionConfig(load, [pathTo(80, 'a'), slow, pathTo(80, 'b')], RUN);
    const scenarios = Object.values(options.scenarios as Record<string, Record<string, unknown>>);
    expect(scenarios.map(({ timeUnit, startTime, maxVUs }) => [timeUnit, startTime, maxVUs])).to.deep.equal([
      ['10000000ns', '0ns', 125],
      ['100000000ns', '0ns', 13],
      ['10000000ns', '5000000ns', 125],
    ]);
    expect(client.paths.map(({ intervalNs }) => intervalNs)).to.deep.equal([1e7, 1e8, 1e7]);
  });

  it('tells of each path what TLS needs, what is sent, and what of an answer is looked at', () => {
    const content = [
      { of: 'header', name: 'X-Cache', expected: { equals: 'HIT' } },
      { of: 'header', name: 'x-cache', expected: { matches: 'H' } },
      { of: 'body', pointer: '/a', expected: { equals: 1 } },
    ] as const;
    const load = {
      ...loadOf({ good: { status: 200, chain: [], latencyMs: 900, content } }),
      bodies: { entry: Buffer.from('ü') },
      tls: { 'entry@t/a': { ca: 'CA', client: { cert: 'CERT', key: 'KEY' } } },
    };
    const paths = [pathTo(443, 'a', 'https'), { ...pathTo(443, 'b', 'https'), tls: { insecure: true } as const }];
    const [a, b] = extensionConfig(load, paths, RUN).client.paths;
    expect(a).to.deep.include({ ca: 'CA', cert: 'CERT', key: 'KEY', insecure: false, body: 'w7w=' });
    expect(a?.tell).to.deep.equal({ body: true, headers: ['x-cache'] });
    expect(b).to.deep.include({ ca: '', cert: '', key: '', insecure: true });
  });

  it('refuses a load without a path, and a path without a request', () => {
    expect(() => extensionConfig(loadOf(), [], RUN)).to.throw('no path');
    expect(() => extensionConfig(loadOf(), [{ ...pathTo(80), name: 'other' }], RUN)).to.throw('no request named other');
  });

  it('starts k6 paused, on the loopback address, with nothing of the environment', () => {
    expect(k6Arguments('/x.ts', 7, ['--out=x'])).to.include.members([
      'run',
      '--paused',
      '--out=x',
      '--address=127.0.0.1:7',
      '/x.ts',
    ]);
    process.env.FAULTLINE_TEST_SECRET = 'x';
    const authority = process.env.SSL_CERT_FILE;
    process.env.SSL_CERT_FILE = '/authority';
    const environment = k6Environment({ folder: '/folder', config: '/config' });
    const own = k6Environment({ folder: '/folder', config: '/config', env: { SSL_CERT_FILE: '/own' } });
    delete process.env.FAULTLINE_TEST_SECRET;
    if (authority === undefined) delete process.env.SSL_CERT_FILE;
    else process.env.SSL_CERT_FILE = authority;
    expect([environment.SSL_CERT_FILE, own.SSL_CERT_FILE]).to.deep.equal(['/authority', '/own']);
    expect(environment).to.include({
      HOME: '/folder',
      K6_NO_USAGE_REPORT: 'true',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      GODEBUG: 'http2client=0',
    });
    expect(environment).to.not.have.any.keys('FAULTLINE_TEST_SECRET', 'PATH', 'USER');
  });
});
