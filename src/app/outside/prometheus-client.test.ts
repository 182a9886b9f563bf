import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { expect } from 'chai';
import { authority } from '../../load/testing/authority.ts';
import { FaultlineError } from '../../model/errors.ts';
import { prometheusAt } from './prometheus-client.ts';

/** Seconds, as Prometheus writes them. */
const now = () => Date.now() / 1000;

describe('app/outside/prometheus-client', () => {
  const servers: (Server & { closeAllConnections(): void })[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function listening(server: (typeof servers)[number]): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  async function served(onRequest: RequestListener, path = ''): Promise<string> {
    return `http://127.0.0.1:${await listening(createServer(onRequest))}${path}`;
  }

  /** What a client makes of an answer with this body. */
  async function askAnswered(body: unknown, status = 200, token?: string) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const url = await served((_, answer) => answer.writeHead(status).end(text));
    return prometheusAt({ url, ...(token === undefined ? {} : { token }) }).ask('up');
  }

  /** What it says of an answer that is none. */
  async function refusal(body: unknown, status = 200, token?: string): Promise<string> {
    const error = await askAnswered(body, status, token).then(
      (answer) => expect.fail(`answered ${JSON.stringify(answer)}`),
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(FaultlineError).with.property('code', 'PROMETHEUS');
    return (error as FaultlineError).message.replace(/^http:\S+: /, '');
  }

  const vector = (result: unknown, more = {}) => ({
    status: 'success',
    data: { resultType: 'vector', result },
    ...more,
  });

  it('asks for the values of one moment, with its token and below its path', async () => {
    const seen: unknown[] = [];
    const url = await served(({ method, url: path, headers }, answer) => {
      seen.push(method, path, headers.authorization);
      answer.end(JSON.stringify(vector([])));
    }, '/tenant');
    await prometheusAt({ url, token: 't0k3n' }).ask('sum(rate(x{a="b&c"}[1m]))');
    const path = new URL(String(seen[1]), url);
    expect([seen[0], path.pathname, seen[2]]).to.deep.equal(['GET', '/tenant/api/v1/query', 'Bearer t0k3n']);
    expect(path.searchParams.get('query')).to.equal('sum(rate(x{a="b&c"}[1m]))');
    expect(path.searchParams.get('partial_response')).to.equal('false');
  });

  it('reads values of several series, of a scalar, NaN and infinities, and warnings', async () => {
    const series = [
      { metric: { zone: 'a' }, value: [now(), '0.25'] },
      { metric: {}, value: [now(), 'NaN'] },
      { metric: { zone: 'b', pod: 'c' }, value: [now(), '-Inf'] },
      { metric: { zone: 'd' }, value: [now(), '+Inf'] },
    ];
    expect(await askAnswered(vector(series, { warnings: ['partial\u001b[31m'] }))).to.deep.equal({
      samples: [
        { metric: { zone: 'a' }, labels: '{zone="a"}', value: 0.25 },
        { metric: {}, labels: '', value: Number.NaN },
        { metric: { zone: 'b', pod: 'c' }, labels: '{zone="b", pod="c"}', value: Number.NEGATIVE_INFINITY },
        { metric: { zone: 'd' }, labels: '{zone="d"}', value: Number.POSITIVE_INFINITY },
      ],
      warnings: ['partial\\x1b[31m'],
    });
    const scalar = { status: 'success', data: { resultType: 'scalar', result: [now(), '7'] } };
    expect((await askAnswered(scalar)).samples).to.deep.equal([{ metric: {}, labels: '', value: 7 }]);
    expect((await askAnswered(vector([]))).samples).to.deep.equal([]);
  });

  it('takes nothing else for an answer, and says what came in its place', async () => {
    const error = { status: 'error', errorType: 'bad_data', error: 'parse error: unexpected end of input' };
    expect(await refusal(error, 400)).to.equal('400 parse error: unexpected end of input');
    expect(await refusal('<html>Bad Gateway</html>', 502)).to.equal('502 <html>Bad Gateway</html>');
    expect(await refusal('', 302)).to.equal('302');
    for (const status of [300, 404, 429, 500, 503])
      expect(await refusal(vector([]), status), `${status}`).to.match(new RegExp(`^${status} \\{"status":"success"`));
    expect(await refusal('[]')).to.equal('200 []');
    const matrix = { status: 'success', data: { resultType: 'matrix', result: [] } };
    expect(await refusal(matrix)).to.equal('the query gives a matrix and not values of one moment');
    expect(await refusal(vector([{ metric: {}, histogram: [1, {}] }]))).to.contain('something without a value');
    expect(await refusal(vector([{ metric: {}, value: [now(), 'much'] }]))).to.equal('the value much is no number');
    expect(await refusal(vector([null]))).to.contain('something without a value');
    expect(await refusal(vector([{ metric: {}, value: [now(), ''] }]))).to.contain('something without a value');
    expect(await refusal({ status: 'success' })).to.contain('and not values of one moment');
  });

  it('takes values of another time for none', async () => {
    const old = 'Prometheus answered for 2001-09-09T01:46:40Z, ';
    expect(await refusal(vector([{ metric: {}, value: [1_000_000_000, '0'] }]))).to.match(
      new RegExp(`^${old}\\d+ days ago by the Date of its answer: a cache, or its clock$`),
    );
    const some = [now(), now() - 3600].map((at) => ({ metric: {}, value: [at, '0'] }));
    expect(await refusal(vector(some)), 'one of several').to.contain(' ago by the Date of its answer');
    expect(await refusal({ status: 'success', data: { resultType: 'scalar', result: [5, '0'] } })).to.contain(
      'answered for 1970-01-01T00:00:05Z, ',
    );
    const url = await served((_, answer) => answer.setHeader('age', '60').end(JSON.stringify(vector([]))));
    const kept = await prometheusAt({ url })
      .ask('up')
      .catch((error: Error) => error.message);
    expect(kept).to.equal(`${url}: a cache has kept the answer for 1m (its header Age)`);
  });

  it('keeps what others wrote short and printable, and its token to itself', async () => {
    const said = await refusal({ status: 'error', error: `\u001b[2J\n::error::${'x'.repeat(5000)}` }, 500);
    expect(said.length).to.be.below(230);
    expect(said).to.match(/^500 \\x1b\[2J ::error::x+…$/);
    expect(await refusal({ status: 'error', error: 'Bearer s3cr3t-token is wrong' }, 401, 's3cr3t-token')).to.equal(
      '401 Bearer [redacted] is wrong',
    );
  });

  it('reads no more than a bounded answer, and waits no longer than a bounded time', async () => {
    expect(await refusal(vector([{ metric: { a: 'x'.repeat(1_100_000) }, value: [now(), '1'] }]))).to.contain(
      'is longer than',
    );
    const url = await served(() => {});
    const late = await prometheusAt({ url }, 30)
      .ask('up')
      .catch((error: Error) => error.message);
    expect(late).to.equal(`${url}: no answer within 0.03 s`);
    const slow = await served((_, answer) => void answer.writeHead(200).write('{"status":'));
    expect(
      await prometheusAt({ url: slow }, 30)
        .ask('up')
        .catch((error: Error) => error.message),
    ).to.contain('no answer within');
  });

  it('says that nobody is there', async () => {
    const url = await served(() => {});
    for (const server of servers.splice(0)) server.close();
    const error = await prometheusAt({ url })
      .ask('up')
      .catch((thrown: Error) => thrown.message);
    expect(error).to.contain('ECONNREFUSED');
  });

  it('follows no redirect: the token is for one address', async () => {
    let asked = 0;
    const other = await served(() => {
      asked += 1;
    });
    const url = await served((_, answer) => answer.writeHead(307, { location: other }).end());
    expect(
      await prometheusAt({ url, token: 'a' })
        .ask('up')
        .catch((error: Error) => error.message),
    ).to.contain('307');
    expect(asked).to.equal(0);
  });

  it('trusts the authority of its targets file, and no other', async () => {
    const [own, other] = [authority('own'), authority('other')];
    const { cert, key } = own.issue('localhost');
    const tls = createTlsServer({ cert, key }, (_, answer) => answer.end(JSON.stringify(vector([]))));
    const url = `https://localhost:${await listening(tls)}`;
    expect(await prometheusAt({ url, ca: own.cert }).ask('up')).to.deep.equal({ samples: [], warnings: [] });
    for (const access of [{ url }, { url, ca: other.cert }]) {
      expect(
        await prometheusAt(access)
          .ask('up')
          .catch((error: Error) => error.message),
      ).to.match(/certificate/);
    }
  });
});
