import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import type { Load } from '../../../model/scenario.ts';
import type { Path } from '../../../model/target.ts';
import { loadOf, pathTo } from '../../testing/load-fixture.ts';
import { consoleConfig } from './console-config.ts';

const ALONE = { together: false, processes: 1, longestMs: 60_000 };
const TOGETHER = { ...ALONE, together: true };

/** Two requests to each of two gateway zones. */
const PATHS = ['a', 'b'].flatMap((zone) => ['entry', 'login'].map((name) => ({ ...pathTo(8080, zone), name })));
const twoOf = (change: Partial<Load> = {}): Load => {
  const [entry] = loadOf().paths;
  const login = { ...entry, name: 'login', request: { method: 'POST', path: '/login', headers: {} }, via: entry?.via };
  return { ...loadOf(change), paths: [entry, login] as Load['paths'] };
};

type Arrivals = { preAllocatedVUs: number; maxVUs: number; startTime: string; duration: string; env: object };

async function arranged(load: Load, paths: readonly Path[], how = ALONE) {
  const setup = await consoleConfig(load, paths, how);
  const scenarios = setup.config.options.scenarios as Record<string, Arrivals>;
  return { ...setup, scenarios: Object.values(scenarios), names: setup.scenarios, options: setup.config.options };
}

/** How the request of one path is worded, and where its name leads. */
async function worded(host: string, request: Parameters<typeof loadOf>[1] = {}, protocol: Path['protocol'] = 'http') {
  const { config } = await consoleConfig(loadOf({}, request), [{ ...pathTo(8080, 'a', protocol), host }], ALONE);
  const path: Record<string, unknown> = { ...config.lanes[0]?.[0], hosts: config.options.hosts };
  return path;
}

describe('load/k6/config/console-config: a load for a k6 without the extension', () => {
  it('gives each path a k6 scenario of its own, shifted against the others', async () => {
    const { scenarios, names, scenarioOf, intervalsNs, config, options } = await arranged(twoOf(), PATHS);
    expect(names).to.deep.equal(['lane0', 'lane1', 'lane2', 'lane3']);
    expect(scenarioOf).to.deep.equal([0, 1, 2, 3]);
    expect(intervalsNs).to.deep.equal([1e7, 1e7, 1e7, 1e7]);
    expect(scenarios.map(({ startTime }) => startTime)).to.deep.equal(['0ns', '2500000ns', '5000000ns', '7500000ns']);
    expect(scenarios[2]).to.deep.include({ duration: '60000ms', env: { FAULTLINE_LANE: '2' } });
    expect(config.lanes.map((lane) => lane.map(({ index }) => index))).to.deep.equal([[0], [1], [2], [3]]);
    expect(options).to.include({ noConnectionReuse: true });
    expect(options.systemTags).to.deep.equal(['scenario']);
  });

  it('sends the paths of one gateway zone together where a script does', async () => {
    const elsewhere = { ...(PATHS[0] as Path), port: 8081 };
    const { scenarios, names, scenarioOf, config } = await arranged(twoOf(), [...PATHS, elsewhere], TOGETHER);
    expect(names).to.deep.equal(['lane0', 'lane1', 'lane2']);
    expect(scenarioOf).to.deep.equal([0, 0, 1, 1, 2]);
    expect(config.lanes.map((lane) => lane.map(({ index, target }) => [index, target]))).to.deep.equal([
      [
        [0, '/mock'],
        [1, '/login'],
      ],
      [
        [2, '/mock'],
        [3, '/login'],
      ],
      [[4, '/mock']],
    ]);
    expect(scenarios.map(({ startTime }) => startTime)).to.deep.equal(['0ns', '3333333ns', '6666667ns']);
    // As many users for each lane as the longest needs.
    expect(scenarios.map(({ maxVUs }) => maxVUs)).to.deep.equal([375, 375, 375]);
  });

  it('has users for every request that can wait: of all paths of a lane, and work of the script besides', async () => {
    // 100 requests/s, 1 s timeout, a quarter more.
    const users = async (how: typeof ALONE) => (await arranged(twoOf(), PATHS, how)).scenarios.map((one) => one.maxVUs);
    expect(await users(ALONE)).to.deep.equal([125, 125, 125, 125]);
    expect(await users(TOGETHER)).to.deep.equal([375, 375]);
  });

  it('shares its users evenly among processes', async () => {
    const { scenarios } = await arranged(twoOf(), PATHS, { ...ALONE, processes: 3 });
    for (const { maxVUs, preAllocatedVUs } of scenarios) expect([maxVUs, preAllocatedVUs]).to.deep.equal([126, 126]);
  });

  it('lets k6 count the drops of each scenario apart', async () => {
    const { options } = await arranged(twoOf(), PATHS, TOGETHER);
    expect(options.thresholds).to.deep.equal({
      'dropped_iterations{scenario:lane0}': ['count>=0'],
      'dropped_iterations{scenario:lane1}': ['count>=0'],
    });
  });

  it('gives each gateway behind a name a port that exists in the name only', async () => {
    const load = loadOf({}, { host: 'mock.example:8443' });
    const paths = ['a', 'b'].map((zone) => pathTo(443, zone, 'https'));
    const { config, options } = await arranged(load, paths);
    expect(config.lanes.flat().map(({ base }) => base)).to.deep.equal([
      'https://mock.example:20000',
      'https://mock.example:20001',
    ]);
    expect(options.hosts).to.deep.equal({
      'mock.example:20000': '127.0.0.1:443',
      'mock.example:20001': '127.0.0.1:443',
    });
  });

  it('dials addresses as they are', async () => {
    expect(await worded('127.0.0.1')).to.include({ base: 'http://127.0.0.1:8080', authority: '127.0.0.1:8080' });
    expect(await worded('127.0.0.1')).to.deep.include({ hosts: {} });
    expect(await worded('::1')).to.deep.include({ base: 'http://[::1]:8080', authority: '[::1]:8080', hosts: {} });
    expect(await worded('::1', { host: 'mock.example' })).to.deep.include({
      base: 'http://mock.example:20000',
      hosts: { 'mock.example:20000': '[::1]:8080' },
    });
  });

  it('resolves the name of a gateway, also where the Host header is an address', async () => {
    const { hosts, base } = await worded('localhost');
    expect(base).to.equal('http://localhost:20000');
    expect((hosts as Record<string, string>)['localhost:20000']).to.match(/^(127\.0\.0\.1|\[::1\]):8080$/);
    const bare = await worded('localhost', { host: '10.0.0.1' });
    expect(bare.base).to.match(/^http:\/\/(127\.0\.0\.1|\[::1\]):8080$/);
    expect(bare).to.deep.include({ authority: '10.0.0.1', hosts: {} });
  });

  it('words method, headers and Host as the scenario does, and what carries the chain', async () => {
    const request = { method: 'PUT', path: '/x?y', headers: { 'X-Team': 'sre', HOST: 'named.example' } };
    expect(await worded('127.0.0.1', request, 'https')).to.deep.equal({
      index: 0,
      method: 'PUT',
      target: '/x?y',
      authority: 'named.example',
      base: 'https://named.example:20000',
      headers: { 'X-Team': 'sre' },
      body: '',
      tell: { body: false, headers: [] },
      hosts: { 'named.example:20000': '127.0.0.1:8080' },
    });
    const { config } = await arranged(loadOf({ timeoutMs: 700 }), [pathTo(80)]);
    expect(config).to.include({ timeoutMs: 700, header: '' });
    const chain = { ...loadOf().chain, from: { kind: 'header', name: 'X-Chain' } as const };
    expect((await arranged(loadOf({ chain }), [pathTo(80)])).config.header).to.equal('X-Chain');
  });

  it('gives each rate its own interval, where no script sends paths together', async () => {
    const [entry, login] = twoOf().paths;
    const load = { ...loadOf(), paths: [entry, { ...login, ratePerSecond: 10 }] as Load['paths'] };
    const { intervalsNs, scenarios } = await arranged(load, PATHS, { ...ALONE, processes: 2 });
    expect(intervalsNs).to.deep.equal([1e7, 1e8, 1e7, 1e8]);
    expect(scenarios.map(({ startTime }) => startTime)).to.deep.equal(['0ns', '0ns', '5000000ns', '50000000ns']);
    expect(scenarios.map(({ maxVUs }) => maxVUs)).to.deep.equal([126, 14, 126, 14]);
  });

  it('words TLS once for all gateways', async () => {
    const client = { cert: 'CERT', key: 'KEY' };
    const load = { ...loadOf(), tls: { 'entry@t/a': { ca: 'CA', client } } };
    const { options } = await arranged(load, [pathTo(443, 'a', 'https')]);
    expect(options.tlsAuth).to.deep.equal([client]);
    expect(options).to.not.have.property('insecureSkipTLSVerify');
    const unchecked = { ...pathTo(443, 'a', 'https'), tls: { insecure: true } as const };
    expect((await arranged(loadOf(), [unchecked])).options).to.include({ insecureSkipTLSVerify: true });
  });

  it('refuses a load without a path, and a gateway that cannot be resolved', async () => {
    const refusal = async (paths: Path[]) => consoleConfig(loadOf(), paths, ALONE).catch((error: unknown) => error);
    expect(await refusal([]))
      .to.be.instanceOf(FaultlineError)
      .and.include({ code: 'LOAD' });
    // Longer than a part of a name may be, so that nobody is asked.
    const nowhere = `${'x'.repeat(64)}.invalid`;
    const error = (await refusal([{ ...pathTo(80), host: nowhere }])) as FaultlineError;
    expect(error).to.be.instanceOf(FaultlineError).and.include({ code: 'LOAD' });
    expect(error.message).to.contain(`The gateway ${nowhere} cannot be resolved: `);
  });
});
