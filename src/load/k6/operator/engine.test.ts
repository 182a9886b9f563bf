import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import { KINDS, type KubeObject, LOAD_LABEL, type ObjectRef } from '../../../model/kubernetes.ts';
import type { LoadOrder, PodCluster } from '../../../model/ports.ts';
import { hrtimeMicros } from '../../clock.ts';
import { loadOf, pathTo, readRecords, sentBy, until } from '../../undici/rig.ts';
import type { ScriptFiles } from '../console/stage.ts';
import { FakePods, type Misbehaviour } from '../testing/fake-pods.ts';
import { k6OperatorEngine } from './engine.ts';
import { readNote } from './note.ts';

const RUN_PODS = { 'faultline-r-1': {}, 'faultline-r-2': {} };

/** A cluster whose k6-operator has the pods of a TestRun running at once. */
class FakeCluster {
  readonly objects = new Map<string, KubeObject>();
  readonly done: string[] = [];
  /** Kinds whose verb fails, such as "delete TestRun". */
  broken: string[] = [];
  stage = 'started';
  /** TestRuns of other runs. */
  others: KubeObject[] = [];
  readonly #pods: FakePods;
  readonly #names: readonly string[];

  constructor(pods: Readonly<Record<string, Misbehaviour>> = RUN_PODS) {
    this.#pods = new FakePods(pods);
    this.#names = Object.keys(pods);
  }

  get cluster(): PodCluster {
    const parts: Partial<PodCluster> = {
      ...this.#pods.cluster,
      name: 'load',
      identity: async () => ({ uid: 'its-uid', server: 'https://api', version: '1' }),
      create: async (object) => {
        this.#do('create', object.kind);
        const stored = { ...object, metadata: { ...object.metadata, uid: `uid-of-${object.kind}` } };
        this.objects.set(object.kind, stored);
        return stored;
      },
      patch: async ({ kind }: ObjectRef, ops) => {
        this.#do('patch', kind);
        const found = this.objects.get(kind) as KubeObject;
        const patched = { ...found, patched: ops.map(({ path }) => path) };
        this.objects.set(kind, patched);
        return patched;
      },
      delete: async ({ kind }) => {
        this.#do('delete', kind);
        this.objects.delete(kind);
      },
      get: async ({ kind }) => ({ ...(this.objects.get(kind) as KubeObject), status: { stage: this.stage } }),
      list: async ({ kind }) =>
        kind === KINDS.testRun.kind
          ? this.others
          : this.#names.map((name) => ({
              ...KINDS.pod,
              metadata: { name, labels: { runner: 'true' } },
              status: { phase: 'Running' },
            })),
    };
    return parts as PodCluster;
  }

  #do(verb: string, kind: string): void {
    this.done.push(`${verb} ${kind}`);
    if (this.broken.includes(`${verb} ${kind}`)) throw new Error(`no ${verb} of ${kind}`);
  }
}

describe('load/k6/operator/engine: load from pods', () => {
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
    expect(await readNote(folder)).to.equal(undefined);
  });

  it('notes where the load is until nothing of it is left', async () => {
    const handle = await start();
    expect(await readNote(folder)).to.deep.include({ runId: 'r' });
    fake.broken = ['delete ConfigMap'];
    await handle.stop();
    expect((await readNote(folder))?.where).to.include({ context: 'c', namespace: 'n' });
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
    const { records } = await readRecords(join(folder, 'requests.ndjson'));
    expect(records.length).to.equal(summary.counts[0]?.due);
    expect(records.every(({ outcome }) => outcome === 'response')).to.equal(true);
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
    const handle = await start({ script: { main: 'lib/load.ts', files } });
    const data = fake.objects.get('ConfigMap')?.data as Record<string, string>;
    expect(data).to.include({ 'load.ts': 'the script', 'data.json': '{}' });
    expect(data['faultline-entry.ts']).to.contain('./load.ts');
    const { lanes } = JSON.parse(data['faultline-config.json'] ?? '') as { lanes: unknown[] };
    expect(lanes).to.have.length(1);
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
    expect(await refusal(start())).to.equal('no patch of ConfigMap');
    expect([...fake.objects]).to.deep.equal([]);
    fake = new FakeCluster({ ...RUN_PODS, 'faultline-r-2': { breaksAfter: 0 } });
    expect(await refusal(start())).to.equal('Pod faultline-r-2 of the load ended before it sent.');
    expect([...fake.objects]).to.deep.equal([]);
  });

  it('says what it could not delete, and how that is done by hand', async () => {
    fake.broken = ['delete TestRun'];
    fake.stage = 'error';
    const left =
      'the load has left something in cluster load (no delete of TestRun): kubectl -n n delete testrun faultline-r';
    const refused = await start().catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(FaultlineError).and.include({ code: 'LOAD' });
    expect((refused as Error).message).to.equal(`cluster load: TestRun n/faultline-r is in the stage error; ${left}`);
    expect([...fake.objects.keys()]).to.deep.equal(['TestRun']);
    fake.stage = 'started';
    const handle = await start();
    expect((await handle.stop()).degraded).to.deep.equal([left]);
  });
});
