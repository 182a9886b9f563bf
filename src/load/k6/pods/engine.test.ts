import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ScriptFiles } from '../../../model/engine.ts';
import { FaultlineError } from '../../../model/errors.ts';
import { KINDS, type KubeObject, LOAD_LABEL } from '../../../model/kubernetes.ts';
import type { LoadOrder } from '../../../model/ports.ts';
import { hrtimeMicros } from '../../clock.ts';
import { loadOf, pathTo } from '../../testing/load-fixture.ts';
import { readRecords } from '../../testing/record-reader.ts';
import { sentBy, until } from '../../testing/run-load.ts';
import { FakeCluster, RUN_PODS } from '../testing/fake-cluster.ts';
import { holdsOpen } from '../testing/open-files.ts';
import { k6OperatorEngine } from './engine.ts';
import { readRunMarker } from './run-marker.ts';

type Config = { lanes: unknown[][]; options: { scenarios: Record<string, { maxVUs: number }> } };

describe('load/k6/pods/engine: load from pods', () => {
  let folder = '';
  let fake: FakeCluster;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-pods-'));
    fake = new FakeCluster();
  });
  afterEach(() => rm(folder, { recursive: true }));

  function start(more: { uid?: string; script?: ScriptFiles; order?: Partial<LoadOrder> } = {}) {
    const { script, order, ...rest } = more;
    const image = 'grafana/k6:2.2.0';
    const where = { kubeconfig: '', context: 'c', namespace: 'n', pods: 2, image, ...rest };
    const engine = k6OperatorEngine({ cluster: fake.cluster, where, runId: 'r', ...(script && { script }) });
    const load = loadOf({ connections: 'fresh', timeoutMs: 100 });
    const file = join(folder, 'requests.ndjson');
    return engine.start({ load, paths: [pathTo(80)], file, zero: hrtimeMicros(), longestMs: 60_000, ...order });
  }

  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => 'resolved',
      (error: Error) => error.message,
    );

  it('refuses to send beside the load of another run, and touches nothing', async () => {
    fake.others = [{ ...KINDS.testRun, metadata: { name: 'faultline-q', labels: { [LOAD_LABEL]: 'q' } } }];
    expect(await refusal(start())).to.equal('cluster load: run q sends load already, by TestRun n/faultline-q');
    expect(fake.done).to.deep.equal([]);
    expect(await readRunMarker(folder)).to.equal(undefined);
  });

  it('notes where the load is until nothing of it is left', async () => {
    const handle = await start();
    expect(await readRunMarker(folder)).to.deep.include({ runId: 'r' });
    fake.broken = ['delete ConfigMap'];
    await handle.stop();
    expect((await readRunMarker(folder))?.where).to.include({ context: 'c', namespace: 'n' });
    await rm(join(folder, 'load-cluster.json'));
    await rm(join(folder, 'requests.ndjson'));
    // What failed in the end may be there all the same.
    fake.broken = ['create ConfigMap', 'delete ConfigMap'];
    expect(await refusal(start())).to.contain('no create of ConfigMap; the load has left something in cluster load');
    expect(await readRunMarker(folder)).to.deep.include({ runId: 'r' });
  });

  it('creates a TestRun with its files, records what its pods send, and deletes both', async () => {
    const said: string[] = [];
    const handle = await start({ uid: 'its-uid', order: { say: (text) => said.push(text) } });
    expect(fake.done).to.deep.equal(['create ConfigMap', 'create TestRun', 'patch ConfigMap']);
    const { data, patched } = fake.objects.get('ConfigMap') as KubeObject;
    expect(data).to.have.keys('requests.ts', 'faultline.ts', 'faultline-entry.ts', 'faultline-config.json');
    expect(patched).to.deep.equal(['/metadata/ownerReferences']);
    const spec = fake.objects.get('TestRun')?.spec as Record<string, unknown>;
    expect(spec.parallelism).to.equal(2);
    expect(spec.script).to.deep.equal({ configMap: { name: 'faultline-r', file: 'faultline-entry.ts' } });
    expect(said).to.deep.equal(['TestRun n/faultline-r asks for 2 pods in cluster load']);
    expect(handle.lagMs).to.equal(2000);
    await until(() => sentBy(handle) >= 20);
    const stopping = handle.stop();
    expect(handle.stop()).to.equal(stopping);
    const summary = await stopping;
    expect(summary.degraded).to.deep.equal([]);
    expect(fake.done.slice(3)).to.deep.equal(['delete TestRun', 'delete ConfigMap']);
    expect(await readRunMarker(folder)).to.equal(undefined);
    const { records } = await readRecords(join(folder, 'requests.ndjson'));
    expect(records.length).to.equal(summary.counts[0]?.due);
    expect(records.every(({ ended }) => ended === 'response')).to.equal(true);
  });

  it('creates nothing in a cluster that is another one', async () => {
    expect(await refusal(start({ uid: 'another' }))).to.equal(
      'cluster load: https://api has the UID its-uid, and the targets file says another',
    );
    expect(fake.done).to.deep.equal([]);
  });

  it('brings the files of a script that lie beside it, and refuses others', async () => {
    const files = new Map([
      ['lib/load.ts', 'the script'],
      ['lib/data.json', '{}'],
    ]);
    const [entry] = loadOf().paths;
    const load = {
      ...loadOf({ timeoutMs: 100 }),
      paths: [entry, { ...entry, name: 'login' }] as LoadOrder['load']['paths'],
    };
    const order = { load, paths: [pathTo(80), { ...pathTo(80), name: 'login' }] };
    const handle = await start({ script: { main: 'lib/load.ts', files }, order });
    expect(handle.lagMs).to.equal(2100);
    const data = fake.objects.get('ConfigMap')?.data as Record<string, string>;
    expect(data).to.include({ 'load.ts': 'the script', 'data.json': '{}' });
    expect(data['faultline-entry.ts']).to.contain('./load.ts');
    // A script sends on both paths in one iteration; 14 requests of each can wait, shared by two pods.
    const { lanes, options } = JSON.parse(data['faultline-config.json'] ?? '') as Config;
    expect(lanes.map((lane) => lane.length)).to.deep.equal([2]);
    expect(options.scenarios.lane0?.maxVUs).to.equal(40);
    await handle.stop();
    for (const name of ['other/data.json', 'lib/deeper/data.json']) {
      const elsewhere = { main: 'lib/load.ts', files: new Map([...files, [name, '']]) };
      const message = await refusal(start({ script: elsewhere }));
      expect(message).to.contain('For pods, all files of the script must lie in one folder; ');
    }
    expect(fake.done).to.have.length(5);
  });

  it('leaves nothing behind when it cannot start', async () => {
    fake.stage = 'error';
    expect(await refusal(start())).to.equal('cluster load: TestRun n/faultline-r is in the stage error');
    expect([...fake.objects]).to.deep.equal([]);
    fake.stage = 'started';
    fake.broken = ['patch ConfigMap'];
    const denied = await start().catch((error: unknown) => error);
    // What the API server said is passed on as it is.
    expect(denied).to.be.instanceOf(Error).and.not.be.instanceOf(FaultlineError);
    expect((denied as Error).message).to.equal('no patch of ConfigMap');
    expect([...fake.objects]).to.deep.equal([]);
    fake.broken = ['create ConfigMap'];
    expect(await refusal(start())).to.equal('no create of ConfigMap');
    expect([...fake.objects]).to.deep.equal([]);
    fake = new FakeCluster({ ...RUN_PODS, 'faultline-r-2': { breaksAfter: 0 } });
    expect(await refusal(start())).to.equal('Pod faultline-r-2 of the load ended before it sent.');
    expect([...fake.objects]).to.deep.equal([]);
    expect(fake.pods.signals.map(({ aborted }) => aborted)).to.deep.equal([true, true]);
    expect(await holdsOpen(join(folder, 'requests.ndjson'))).to.equal(false);
  });

  it('leaves nothing behind when its records cannot be written', async () => {
    if (!existsSync('/dev/full')) return;
    await symlink('/dev/full', join(folder, 'requests.ndjson'));
    const handle = await start();
    expect(await refusal(handle.stop())).to.contain('Request records cannot be written');
    expect([...fake.objects]).to.deep.equal([]);
  });

  it('says what it could not delete, and how that is done by hand', async () => {
    fake.broken = ['delete TestRun'];
    fake.stage = 'error';
    const left =
      'the load has left something in cluster load (no delete of TestRun): kubectl --context c -n n delete testrun faultline-r --wait=false';
    const refused = await start().catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(FaultlineError).and.include({ code: 'LOAD' });
    expect((refused as Error).message).to.equal(`cluster load: TestRun n/faultline-r is in the stage error; ${left}`);
    expect([...fake.objects.keys()]).to.deep.equal(['TestRun']);
    fake.stage = 'started';
    const handle = await start();
    expect((await handle.stop()).degraded).to.deep.equal([left]);
  });
});
