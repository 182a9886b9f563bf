import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { FaultStep, HistoryEvent } from '../../model/history.ts';
import type { Clock } from '../../model/ports.ts';
import type { RunResult } from '../../model/result.ts';
import type { Webhook } from '../../model/target.ts';
import type { PlannedRun } from '../../run/planned-run.ts';
import { openWebhooks } from './webhooks.ts';

type Heard = { readonly path: string; readonly token: string | undefined; readonly body: Record<string, unknown> };
type Answer = { readonly status: number; readonly location?: string } | 'silence';

const RESULT = {
  ...{ status: 'completed', verdict: 'fail', reason: 'too slow', exitCode: 1, startedAt: '2026-11-29T12:00:00.000Z' },
  putBack: { state: 'put-back' },
} as unknown as RunResult;

const STAMP = { seq: 0, t: 0, wall: '' };
const phase = (type: 'phase-start' | 'phase-end', name: 'baseline' | 'undo' | 'recover'): HistoryEvent => ({
  ...STAMP,
  type,
  phase: name,
});
const fault = (name: string, step: FaultStep): HistoryEvent => ({ ...STAMP, type: 'fault', fault: name, step });
const UNDONE = [
  fault('f', 'requested'),
  fault('f', 'acknowledged'),
  fault('f', 'undo-requested'),
  fault('f', 'undone'),
];
const EVENTS = [
  phase('phase-start', 'baseline'),
  ...UNDONE,
  phase('phase-end', 'undo'),
  phase('phase-start', 'recover'),
];

describe('webhooks of a target', () => {
  let server: Server;
  let base: string;
  let heard: Heard[];
  let answer: Answer;
  beforeEach(async () => {
    heard = [];
    answer = { status: 200 };
    server = createServer(async (request, reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { url = '', headers } = request;
      heard.push({ path: url, token: headers.authorization, body: JSON.parse(Buffer.concat(chunks).toString()) });
      if (answer === 'silence') return;
      reply.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location }).end('{}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Tells a run and resolves to what was said of it; the time to wait at the end is over at once when `hurried`. */
  async function told(
    webhooks: readonly Webhook[],
    {
      env = {},
      events = EVENTS,
      hurried = false,
    }: { env?: Record<string, string>; events?: HistoryEvent[]; hurried?: boolean } = {},
  ): Promise<string[]> {
    const said: string[] = [];
    const sleep = (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((done) => (hurried ? setTimeout(done, 100) : signal?.addEventListener('abort', () => done())));
    const clock = { wall: () => new Date('2026-11-29T12:01:00Z'), sleep, now: () => 0 } as Clock;
    const run = {
      runId: 'r1',
      scenario: { name: 'shop', hypothesis: 'holds' },
      target: { name: 't', webhooks },
      clock,
    };
    const values = { HOOK: `${base}/secret-path`, GRAFANA: `${base}/g/`, TOKEN: 's3cret', ...env };
    const say = (text: string) => void said.push(text);
    const open = openWebhooks(run as unknown as PlannedRun, { env: values, say, stop: new AbortController().signal });
    for (const event of events) open.hear(event);
    await open.end(RESULT);
    return said;
  }

  const JSON_HOOK: Webhook = { kind: 'json', url: { env: 'HOOK' }, on: ['start', 'put-back', 'verdict'] };
  const GRAFANA: Webhook = { kind: 'grafana', url: { env: 'GRAFANA' }, token: { env: 'TOKEN' }, on: ['verdict'] };

  it('are told in order that a run has begun, that everything was undone, and the verdict', async () => {
    expect(await told([JSON_HOOK])).to.deep.equal([]);
    expect(heard.map(({ path, body }) => [path, body.event])).to.deep.equal([
      ['/secret-path', 'start'],
      ['/secret-path', 'put-back'],
      ['/secret-path', 'verdict'],
    ]);
    const [start, putBack, verdict] = heard.map(({ body }) => body);
    const run = { id: 'r1', scenario: 'shop', hypothesis: 'holds', target: 't' };
    expect(start).to.deep.include({ run, at: '2026-11-29T12:01:00.000Z', text: 'drill shop has begun on t' });
    expect(putBack).to.include({ undone: true });
    expect(verdict?.result).to.include({ verdict: 'fail', exitCode: 1, putBack: 'put-back', reason: 'too slow' });
  });

  it('are not told that something was undone that nobody has seen undone', async () => {
    for (const last of [fault('f', 'undo-failed'), fault('f', 'undo-conflict'), fault('g', 'requested')]) {
      heard = [];
      await told([{ ...JSON_HOOK, on: ['put-back'] }], { events: [...UNDONE, last, phase('phase-end', 'undo')] });
      expect(heard.map(({ body }) => body.undone)).to.deep.equal([false]);
      expect(heard[0]?.body.text).to.contain('NOT known to be undone');
    }
  });

  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
  const LOGINS: readonly (readonly [user: string, token: string | undefined])[] = [
    ['joe:hunter2@', basic('joe:hunter2')],
    ['joe%40shop:p%C3%A4ss%3A%2Fword@', basic('joe@shop:päss:/word')],
    ['joe@', basic('joe:')],
    [':hunter2@', basic(':hunter2')],
    ['joe:100%@', basic('joe:100%')],
    ['', undefined],
  ];
  for (const [user, token] of LOGINS) {
    it(`are told with the user and password of their address: ${user || 'none'}`, async () => {
      const env = { HOOK: `${base.replace('//', `//${user}`)}/secret-path` };
      expect(await told([{ ...JSON_HOOK, on: ['verdict'] }], { env })).to.deep.equal([]);
      expect(heard.map((one) => [one.path, one.token])).to.deep.equal([['/secret-path', token]]);
    });
  }

  it('of Grafana with a token and a user are told with the token', async () => {
    await told([GRAFANA], { env: { GRAFANA: `${base.replace('//', '//joe:hunter2@')}/g/` } });
    expect(heard.map((one) => [one.path, one.token])).to.deep.equal([['/g/api/annotations', 'Bearer s3cret']]);
  });

  it('whose address is none are told of by the name of the variable alone', async () => {
    const said = await told([{ ...JSON_HOOK, on: ['verdict'] }], { env: { HOOK: 'joe:hunter2@ hooks' } });
    expect(said.join()).to.contain('HOOK holds no URL').and.to.not.contain('hunter2');
  });

  it('of Grafana get the run as an annotation', async () => {
    expect(await told([GRAFANA])).to.deep.equal([]);
    expect(heard).to.have.length(1);
    expect(heard[0]).to.include({ path: '/g/api/annotations', token: 'Bearer s3cret' });
    expect(heard[0]?.body).to.deep.include({
      time: Date.parse(RESULT.startedAt),
      timeEnd: Date.parse('2026-11-29T12:01:00Z'),
      tags: ['faultline', 'verdict', 'shop', 't'],
    });
  });

  it('that refuse, are not there or have no address are said, without their address, and the others are told', async () => {
    answer = { status: 403 };
    expect(await told([GRAFANA])).to.deep.equal([
      'webhook 1 (grafana, GRAFANA): verdict was not told: it answered 403',
    ]);
    answer = { status: 307, location: `${base}/elsewhere` };
    expect((await told([GRAFANA]))[0]).to.contain('it answered 307');
    expect(heard.map(({ path }) => path)).to.not.include('/elsewhere');
    answer = { status: 200 };
    const gone = { ...GRAFANA, url: { env: 'GONE' } };
    const unset = { ...GRAFANA, url: { env: 'UNSET' } };
    const none = { ...GRAFANA, url: { env: 'NONE' } };
    heard = [];
    const said = await told([gone, unset, none, GRAFANA], {
      env: { GONE: 'http://127.0.0.1:1/secret-path', NONE: 'no address: secret-path' },
    });
    expect(said.join('\n')).to.contain('the environment variable UNSET is not set').and.not.contain('secret-path');
    expect(said).to.have.length(3);
    expect(said.join()).to.contain('ECONNREFUSED');
    expect(heard).to.have.length(1);
  });

  it('are told at any port, also at one that fetch never asks', async () => {
    for (const port of [6000, 10080]) {
      const host = '127.93.0.1';
      const other = createServer((request, reply) => {
        heard.push({ path: request.url ?? '', token: undefined, body: {} });
        request.resume().once('end', () => reply.end());
      });
      await new Promise<void>((done) => other.listen(port, host, done));
      const said = await told([{ ...JSON_HOOK, on: ['verdict'] }], { env: { HOOK: `http://${host}:${port}/told` } });
      other.close();
      expect([said, heard.at(-1)?.path], String(port)).to.deep.equal([[], '/told']);
    }
  });

  it('that do not answer keep nobody: the run ends, and says so', async () => {
    answer = 'silence';
    const said = await told([JSON_HOOK], { hurried: true });
    expect(said).to.have.length(3);
    expect(said[0]).to.match(/start was not told: (AbortError|TimeoutError)$/);
  });
});
