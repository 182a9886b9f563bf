import { createSecureServer } from 'node:http2';
import { expect } from 'chai';
import type { ScriptFiles } from '../../../model/engine.ts';
import type { Load } from '../../../model/scenario.ts';
import type { Path } from '../../../model/target.ts';
import { CERTIFICATE, KEY } from '../../testing/certificate.ts';
import { CHAIN, loadOf, pathTo } from '../../testing/load-fixture.ts';
import { type LoadOutcome, runLoad } from '../../testing/run-load.ts';
import { answering, listen, type TestServer } from '../../testing/test-server.ts';
import { k6ConsoleEngine } from './console.ts';

const binary = process.env.FAULTLINE_STOCK_K6 ?? '';

function scriptOf(body: string): ScriptFiles {
  const head = "import raw from 'k6/http';\nimport { sleep } from 'k6';\nimport http from './faultline.ts';\n";
  return { main: 'load.ts', files: new Map([['load.ts', `${head}void raw, sleep;\n${body}`]]) };
}

describe('load/k6/local/console: what a script and its k6 may not hide', function () {
  this.timeout(30_000);
  const targets: TestServer[] = [];
  afterEach(() => Promise.all(targets.splice(0).map((target) => target.close())));

  async function target(answer: Parameters<typeof answering>[0]): Promise<TestServer> {
    const made = await answering(answer);
    targets.push(made);
    return made;
  }

  function run(body: string, path: Path, change: Partial<Load> = {}): Promise<LoadOutcome> {
    const script = scriptOf(body);
    return runLoad(loadOf({ connections: 'fresh', ...change }), [path], {
      engine: k6ConsoleEngine({ binary, script }),
    });
  }

  it('a request that HTTP/2 would send again by itself', async () => {
    let streams = 0;
    const server = createSecureServer({ key: KEY, cert: CERTIFICATE, allowHTTP1: true }, (request, response) => {
      if (request.httpVersionMajor === 2) streams += 1;
      response.end(CHAIN);
    });
    const made = await listen(server as unknown as Parameters<typeof listen>[0]);
    targets.push(made);
    const path = pathTo(made.port, 'a', 'https');
    const tls = { [path.id]: { ca: CERTIFICATE } };
    const load = { ...loadOf({ connections: 'fresh' }, { host: 'mock.asm-demo.work' }), tls };
    const script = scriptOf("export default () => { http.get('/mock'); };");
    const engine = k6ConsoleEngine({ binary, script });
    const { records } = await runLoad(load, [path], { engine });
    expect(records.every(({ ended }) => ended === 'response')).to.equal(true);
    expect(streams).to.equal(0);
  });

  it('an outage that it waits out before it sends', async () => {
    let requests = 0;
    const { port } = await target((_, res) => {
      requests += 1;
      // About a second at 100 requests/s, as long as they wait.
      if (requests > 50 && requests < 600) res.writeHead(503).end();
      else res.end(CHAIN);
    });
    const { records, summary } = await run(
      `export default () => {
        const until = Date.now() + 3000;
        while (Date.now() < until && raw.get('http://127.0.0.1:${port}/ready').status !== 200) sleep(0.1);
        http.get('/mock');
      };`,
      pathTo(port),
      { timeoutMs: 3000 },
    );
    const waited = records.filter((r) => r.ended === 'dropped' || r.end - r.due > 500_000);
    expect(waited.length).to.be.greaterThan(5);
    const dues = records.toSorted((a, b) => a.seq - b.seq).map(({ due }) => due);
    expect(dues.every((due, i) => i === 0 || due - (dues[i - 1] ?? 0) < 500_000)).to.equal(true);
    expect(summary.degraded.join()).to.contain('the script takes its time before its requests');
  });

  it('another server that the gateway leads to, a host of its own, or an answer that it does not read', async () => {
    const b = await target((_, res) => res.end(CHAIN));
    const hosts = new Set<string | undefined>();
    const a = await target(({ headers }, res) => {
      hosts.add(headers.host);
      res.writeHead(302, { location: `http://127.0.0.1:${b.port}/` }).end(CHAIN);
    });
    const { records, chains } = await run(
      `export default () => {
        http.get('/mock', { redirects: 5, responseType: 'none', throw: true, headers: { host: 'other' } });
      };`,
      pathTo(a.port),
    );
    expect(records.every(({ status, chain }) => status === 302 && chain === 0)).to.equal(true);
    expect(chains[0]?.hops).to.have.length(2);
    expect([...hosts]).to.deep.equal([`127.0.0.1:${a.port}`]);
    expect(b.connections()).to.equal(0);
  });

  it('a second request in the place of the first', async () => {
    const iterations: unknown[] = [];
    const { port } = await target(({ headers }, res) => {
      iterations.push(headers['x-iteration']);
      if (iterations.length % 2 === 0) res.end(CHAIN);
      else res.writeHead(503).end();
    });
    const { records, summary } = await run(
      `import exec from 'k6/execution';
      import { begin } from './faultline.ts';
      export default () => {
        const params = { headers: { 'x-iteration': String(exec.scenario.iterationInTest) } };
        try { http.get('/mock', params); begin(); http.get('/mock', params); } catch { /* The second is refused. */ }
      };`,
      pathTo(port),
    );
    expect(summary.degraded).to.deep.equal([]);
    expect(new Set(iterations).size).to.equal(iterations.length);
    expect(new Set(records.map(({ status }) => status))).to.deep.equal(new Set([200, 503]));
  });
});
