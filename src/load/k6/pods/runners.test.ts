import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import type { PodCluster } from '../../../model/ports.ts';
import { hrtimeMicros } from '../../clock.ts';
import { openRecordFile, type RecordFile } from '../../record-writer.ts';
import { loadOf } from '../../testing/load-fixture.ts';
import { readRecords } from '../../testing/record-reader.ts';
import { until } from '../../testing/run-load.ts';
import { CONSOLE_WIRE } from '../records/console-wire.ts';
import { ScriptLog } from '../records/script-log.ts';
import { Session } from '../records/session.ts';
import { FakePods, type Misbehaviour } from '../testing/fake-pods.ts';
import { Runners } from './runners.ts';

const line = (level: string, msg: string, source?: string) => JSON.stringify({ level, msg, source });

describe('load/k6/pods/runners: the pods of a TestRun that send', () => {
  let folder = '';
  const open: Runners[] = [];
  const files: RecordFile[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-runners-'));
  });
  afterEach(async () => {
    for (const runners of open.splice(0)) await runners.abandon();
    for (const records of files.splice(0)) await records.close().catch(() => undefined);
    await rm(folder, { recursive: true });
  });

  const file = () => join(folder, 'requests.ndjson');
  const words = () => readFile(join(folder, 'k6.log'), 'utf8').catch(() => undefined);

  async function follow(pods: Record<string, Misbehaviour>): Promise<{ runners: Runners; fake: FakePods }> {
    const fake = new FakePods(pods);
    const names = Object.keys(pods);
    const how = {
      wire: CONSOLE_WIRE,
      load: loadOf(),
      ids: ['path0'],
      scenarioOf: [0],
      scripted: false,
      intervalsNs: [1e7],
      settling: 500_000,
    };
    const input = { ...how, sources: names.map((name) => `pod ${name}`), zero: hrtimeMicros(), now: hrtimeMicros };
    const records = await openRecordFile(file());
    files.push(records);
    const session = new Session(input, records);
    const place = { cluster: fake.cluster as PodCluster, namespace: 'n', scenarios: ['lane0'] };
    const runners = new Runners({ ...place, names, session, log: new ScriptLog(file()) });
    open.push(runners);
    return { runners, fake };
  }

  async function begun(pods: Record<string, Misbehaviour>) {
    const made = await follow(pods);
    await made.runners.begin(() => {}, undefined);
    return made;
  }

  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => 'resolved',
      (error: unknown) => (error instanceof FaultlineError && error.code === 'LOAD' ? error.message : String(error)),
    );
  const sent = (runners: Runners) => runners.progress().paths[0]?.sent ?? 0;

  it('turns the logs of all pods into one run of records, and stops the pods', async () => {
    // c begins late to be asked, and b tells late.
    const { runners, fake } = await begun({ a: {}, b: { lateMs: 600 }, c: { shy: 1 } });
    await until(() => sent(runners) >= 30);
    expect(runners.progress()).to.deep.include({ degraded: [] });
    expect(runners.progress()).to.not.have.property('failure');
    const summary = await runners.stop(100);
    open.splice(0);
    expect(fake.signals.map(({ aborted }) => aborted)).to.deep.equal([true, true, true]);
    expect(await files[0]?.sync().catch((error: NodeJS.ErrnoException) => error.code)).to.equal('EBADF');
    expect(summary.degraded).to.deep.equal([]);
    const { records } = await readRecords(file());
    expect(records.length).to.equal(summary.counts[0]?.sent);
    const order = records.toSorted((x, y) => x.seq - y.seq);
    expect(order.map(({ seq }) => seq)).to.deep.equal(order.map((_, i) => i));
    expect(order.every(({ ended, chain }) => ended === 'response' && chain === 0)).to.equal(true);
    const stop = '{"data":{"type":"status","id":"default","attributes":{"stopped":true}}}';
    expect(fake.asked).to.have.members(
      ['a', 'b', 'c'].flatMap((name) => [
        `log n/${name} k6`,
        `get n/${name}:6565/v1/metrics`,
        `patch n/${name}:6565/v1/status ${stop}`,
      ]),
    );
    expect(await words()).to.equal(undefined);
  });

  it('names the pods that cannot be asked, or send nothing', async () => {
    const { runners } = await follow({ a: {}, b: { silent: true }, c: { silent: true } });
    const said: string[] = [];
    const pace = { patienceMs: 300, sayEveryMs: 200 };
    expect(await refusal(runners.begin((text) => said.push(text), undefined, pace))).to.equal(
      'Pods of the load that have sent nothing, or cannot be asked on port 6565: b, c',
    );
    expect([...new Set(said)]).to.deep.equal(['waiting for 2 pods to send their first requests']);
  });

  it('gives up at once when a pod ends before it has sent, and when it is interrupted', async () => {
    const { runners } = await follow({ a: {}, b: { breaksAfter: 0 } });
    expect(await refusal(runners.begin(() => {}, undefined))).to.equal('Pod b of the load ended before it sent.');
    await rm(file());
    const waiting = await follow({ a: { silent: true } });
    const interrupted = waiting.runners.begin(() => {}, AbortSignal.abort());
    expect(await refusal(interrupted)).to.equal('The start of the load was interrupted.');
  });

  it('says which pod was lost, and when all are', async () => {
    const { runners } = await begun({ a: { breaksAfter: 20 }, b: { endsAfter: 60 } });
    await until(() => runners.progress().degraded.length > 0);
    expect(runners.progress().degraded).to.deep.equal(['pod a of the load was lost: the log broke off']);
    await until(() => runners.progress().failure !== undefined);
    expect(runners.progress().failure).to.equal('every pod of the load is gone');
    expect(runners.progress().degraded).to.include('pod b of the load was lost: its log has ended');
  });

  it("takes k6's own errors for reasons of doubt, and keeps what pods say", async () => {
    const says = [
      line('error', 'script failed', 'stacktrace'),
      line('error', 'of the script', 'console'),
      line('info', 'hello', 'console'),
      'time=x plain text',
    ];
    const { runners } = await begun({ a: { says } });
    await runners.abandon();
    expect(runners.progress().degraded).to.deep.equal(['pod a reported an error: script failed']);
    expect(await words()).to.equal(
      'pod a: script failed\npod a: of the script\npod a: hello\npod a: time=x plain text\n',
    );
  });

  it('takes the end of a log that it has asked for, or closed, for no loss', async () => {
    const { runners, fake } = await begun({ a: { bye: line('error', 'stopped') }, b: { curt: true } });
    await runners.abandon();
    expect(fake.signals.map(({ aborted }) => aborted)).to.deep.equal([true, true]);
    expect(runners.progress().degraded).to.deep.equal([]);
    expect(await words()).to.equal(undefined);
  });
});
