import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { ExecResult } from '../model/ports.ts';
import type { Json } from '../model/scenario.ts';
import { until } from '../sandbox/testing/until.ts';
import { KubeApiError } from './api-error.ts';
import { MOST_ERROR_BYTES } from './bounded.ts';
import { execIn, failedToOpen } from './exec.ts';
import { type Forwarded, type ForwardingApi, startForwardingApi } from './testing/forwarding-api.ts';

const WHERE = { namespace: 'shop', pod: 'web-0', container: 'app' };
const [STDOUT, STDERR, STATUS] = [1, 2, 3] as const;

describe('a command in a container', () => {
  let api: ForwardingApi;
  beforeEach(async () => {
    api = await startForwardingApi();
  });
  afterEach(() => api.close());

  function run(): Promise<ExecResult> {
    const config = new KubeConfig();
    const server = `http://127.0.0.1:${api.port}`;
    config.loadFromClusterAndUser({ name: 'c', server, skipTLSVerify: true }, { name: 'u', token: 't' });
    return execIn({ config, cluster: 'tokyo', server }, WHERE, ['cat', '/a b']);
  }

  const failure = (running: Promise<unknown>): Promise<FaultlineError> =>
    running.then(
      () => expect.fail('it was to fail'),
      (error) => {
        expect(error).to.be.instanceOf(FaultlineError);
        return error;
      },
    );

  const ends = (status: Json) => (connection: Forwarded) => connection.send(STATUS, JSON.stringify(status));

  it('is asked for by its words, and gives what it wrote and how it ended; the connection is given back', async () => {
    api.onTaken = (connection) => {
      connection.send(STDOUT, 'one\n');
      connection.send(STDERR, 'oh');
      connection.send(STDOUT, 'two\n');
      ends({ status: 'Success' })(connection);
    };
    expect(await run()).to.deep.equal({ code: 0, stdout: 'one\ntwo\n', stderr: 'oh' });
    expect(api.asked).to.deep.equal([
      '/api/v1/namespaces/shop/pods/web-0/exec?stdout=true&stderr=true&stdin=false&tty=false&command=cat&command=%2Fa%20b&container=app',
    ]);
    await until('the connection is closed', () => api.open === 0);
  });

  it('has the exit code that its container names, and is no error for it', async () => {
    const causes = [
      { reason: 'Other', message: '1' },
      { reason: 'ExitCode', message: '126' },
    ];
    api.onTaken = ends({ status: 'Failure', reason: 'NonZeroExitCode', message: 'no', details: { causes } });
    expect((await run()).code).to.equal(126);
  });

  const causes = [{ reason: 'ExitCode', message: '1' }];
  for (const [status, told] of [
    [{ reason: 'InternalError', message: 'no such program', details: { causes } }, 'no such program'],
    [{ reason: 'NonZeroExitCode', message: 'without a code', details: {} }, 'without a code'],
    [{ reason: 'InternalError' }, 'InternalError'],
    [{}, 'it failed'],
  ] as const) {
    it(`has not run, or nobody knows how it ended: ${told}`, async () => {
      api.onTaken = ends({ status: 'Failure', ...status });
      const { code, message } = await failure(run());
      expect([code, message]).to.deep.equal(['KUBE_API', `cluster tokyo: exec cat in app of pod shop/web-0: ${told}`]);
    });
  }

  it('whose connection breaks off has no end that is known', async () => {
    const running = failure(run());
    await until('it runs', () => api.taken.length === 1);
    api.taken[0]?.cut();
    const { code, message } = await running;
    expect(code).to.equal('TARGET_UNREACHABLE');
    expect(message).to.match(/^cluster tokyo: exec cat in app of pod shop\/web-0: .*the connection broke off \(1006\)/);
  });

  it('that says more than is kept of it is no longer listened to', async () => {
    api.onTaken = (connection) => connection.send(STDERR, 'x'.repeat(MOST_ERROR_BYTES + 1));
    const { message } = await failure(run());
    expect(message).to.match(/^cluster tokyo: exec cat in app of pod shop\/web-0: the answer has more than \d+ bytes$/);
    await until('the connection is closed', () => api.open === 0);
  });

  it('leaves no timer behind, which would keep the process', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
    api.onTaken = ends({ status: 'Success' });
    // By then the one of the spec itself has begun.
    await turn();
    const before = timers();
    await run();
    await until('no timer is left', () => timers() === before);
  });

  it('is waited for for 15 seconds', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      let over = false;
      const running = failure(run()).finally(() => {
        over = true;
      });
      while (api.taken.length === 0) await turn();
      for (let wait = 0; wait < 50; wait++) await turn();
      mock.timers.tick(14_999);
      for (let wait = 0; wait < 50; wait++) await turn();
      expect(over).to.equal(false);
      mock.timers.tick(1);
      expect((await running).message).to.contain('no end after 15 s');
    } finally {
      mock.timers.reset();
    }
  });
});

describe('a command whose connection nobody takes', () => {
  it('is given up after 15 seconds, and its connection with it; the next one runs', async () => {
    const api = await startForwardingApi();
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const server = `http://127.0.0.1:${api.port}`;
      const config = new KubeConfig();
      config.loadFromClusterAndUser({ name: 'c', server, skipTLSVerify: true }, { name: 'u', token: 't' });
      const run = () => execIn({ config, cluster: 'tokyo', server }, WHERE, ['sh']);
      api.take = () => 'hang';
      const running = run().catch((error: unknown) => error);
      while (api.asked.length === 0) await turn();
      expect(api.sockets).to.equal(1);
      mock.timers.tick(15_000);
      const error = await running;
      expect(error).to.be.instanceOf(FaultlineError).and.include({ code: 'TARGET_UNREACHABLE' });
      expect((error as Error).message).to.contain('exec sh in app of pod shop/web-0: ');
      expect((error as Error).message).to.contain('the connection did not open within 15 s');
      while (api.sockets > 0) await turn();
      api.take = () => 101;
      api.onTaken = (connection) => connection.send(STATUS, JSON.stringify({ status: 'Success' }));
      expect((await run()).code).to.equal(0);
    } finally {
      mock.timers.reset();
      await api.close();
    }
  });
});

describe('a WebSocket that does not open', () => {
  const told = (message?: string): unknown => {
    try {
      return failedToOpen('tokyo', 'exec sh in app of pod default/web-0')(message === undefined ? {} : { message });
    } catch (error) {
      return error;
    }
  };

  it('is an answer of the API server where it gives a status', () => {
    const error = told('Unexpected server response: 403');
    expect(error).to.be.instanceOf(KubeApiError);
    expect(error).to.include({ status: 403 });
    expect((error as Error).message).to.match(/^cluster tokyo: exec sh in app of pod default\/web-0: .*403/);
  });

  it('is told in its own words where it gives none', () => {
    expect(told('connect ECONNREFUSED')).to.be.instanceOf(Error).and.not.instanceOf(KubeApiError);
    expect(told('connect ECONNREFUSED')).to.have.property('message', 'connect ECONNREFUSED');
    expect(told()).to.have.property('message', '');
  });

  it('is told with the code that the system gives', () => {
    const error = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
    const open = failedToOpen('tokyo', 'exec sh');
    expect(() => open({ message: error.message, error })).to.throw(error);
  });
});
