import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { openCluster } from '../../../kube/kubeconfig.ts';
import type { ScriptFiles } from '../../../model/engine.ts';
import { FaultlineError } from '../../../model/errors.ts';
import { KINDS } from '../../../model/kubernetes.ts';
import type { LoadOrder, PodCluster } from '../../../model/ports.ts';
import { systemClock } from '../../../run/system-clock.ts';
import { SandboxUnderTest } from '../../../sandbox/testing/sandbox-under-test.ts';
import { CHAIN, loadOf, pathTo } from '../../testing/load-fixture.ts';
import { runLoad, sentBy } from '../../testing/run-load.ts';
import { answering, type TestServer } from '../../testing/test-server.ts';
import type { PodsEngine } from '../handle.ts';
import { CLOCK_DOUBT_LIMIT } from '../records/clock-doubt.ts';
import { StandInOperator } from '../testing/stand-in-operator.ts';
import { k6OperatorEngine } from './engine.ts';

const BINARY = process.env.FAULTLINE_STOCK_K6 ?? '';
const NAMESPACE = 'default';

describe('load/k6/pods: real k6 processes behind the pods of a TestRun', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-pods-'));
  let operator: StandInOperator;
  let test: SandboxUnderTest;
  let cluster: PodCluster;
  let target: TestServer;

  before(async () => {
    operator = await StandInOperator.start(BINARY, () => test.store());
    test = await SandboxUnderTest.start({ programs: operator.programs });
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, test.sandbox.kubeconfig);
    cluster = openCluster({ name: 'load', region: 'r', kubeconfig, context: 'tokyo', gateways: [] }, systemClock);
    target = await answering((_, res) => res.end(CHAIN));
    operator.watch();
  });
  after(async () => {
    await operator.close();
    await test.sandbox.close();
    await target.close();
    rmSync(folder, { recursive: true });
  });

  function engine(runId: string, pods: number, script?: ScriptFiles): PodsEngine {
    const where = { kubeconfig: '', context: 'tokyo', namespace: NAMESPACE, pods, image: 'grafana/k6:2.2.0' };
    return k6OperatorEngine({ cluster, where, runId, ...(script === undefined ? {} : { script }) });
  }

  /** Pods go a moment after their TestRun. */
  async function nothingLeft(runId: string): Promise<void> {
    for (let looks = 0; looks < 200 && (await objects(runId)).length > 0; looks += 1) await sleep(20);
    expect(await objects(runId)).to.deep.equal([]);
  }

  /** What is in the load cluster of a run. */
  async function objects(runId: string): Promise<string[]> {
    const kinds = [KINDS.testRun, KINDS.configMap];
    const lists = await Promise.all(kinds.map((kind) => cluster.list(kind, { namespace: NAMESPACE })));
    const pods = await cluster.list(KINDS.pod, { namespace: NAMESPACE, labelSelector: 'runner=true' });
    const mine = [...lists.flat(), ...pods].filter(({ metadata }) => metadata.name?.includes(runId));
    return mine.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  }

  it('records every due request of all pods, in the order of time, and leaves nothing behind', async () => {
    const b = await answering((_, res) => res.end(CHAIN));
    const outcome = await runLoad(loadOf({ connections: 'fresh' }), [pathTo(target.port, 'a'), pathTo(b.port, 'b')], {
      engine: engine('all', 3),
      enough: (handle) => sentBy(handle) >= 400,
    });
    await b.close();
    expect(outcome.summary.degraded).to.deep.equal([]);
    for (const { due, late } of outcome.summary.counts) expect(late).to.be.lessThan(due / 2);
    for (const path of [0, 1]) {
      const own = outcome.records.filter((r) => r.path === path).toSorted((x, y) => x.seq - y.seq);
      expect(own.map((r) => r.seq)).to.deep.equal(own.map((_, i) => i));
      // A clock that is known worse than this is a reason to be degraded.
      expect(own.every((r, i) => r.due >= (own[i - 1]?.due ?? 0) - CLOCK_DOUBT_LIMIT)).to.equal(true);
      expect(own.every((r) => r.ended === 'response' && r.chain === 0 && r.start >= r.due)).to.equal(true);
      // 100 requests/s from three pods: nobody sends twice, nobody is missing.
      const [first, last] = [own[0]?.due ?? 0, own.at(-1)?.due ?? 0];
      expect(own.length).to.be.closeTo(((last - first) / 1e6) * 100 + 1, 3);
    }
    await nothingLeft('all');
  });

  it('says that a pod was lost, and counts what it did not send', async () => {
    let killed = false;
    const outcome = await runLoad(loadOf({ connections: 'fresh' }), [pathTo(target.port)], {
      engine: engine('lost', 2),
      enough: (handle) => {
        const sent = sentBy(handle);
        if (!killed && sent >= 100) {
          killed = true;
          operator.kill(operator.pods.find((name) => name.startsWith('faultline-lost-1')) ?? '');
        }
        return sent >= 250;
      },
    });
    const dropped = outcome.records.filter((r) => r.ended === 'dropped').length;
    expect(dropped).to.be.greaterThan(50);
    expect(outcome.summary.degraded.join('\n')).to.match(
      /requests dropped: no word of them came from pod faultline-lost-1-.*\npod faultline-lost-1-\S+ of the load was lost/,
    );
    const own = outcome.records.toSorted((x, y) => x.seq - y.seq);
    expect(own.map((r) => r.seq)).to.deep.equal(own.map((_, i) => i));
    await nothingLeft('lost');
  });

  it('says why a TestRun does not start, and leaves nothing behind', async () => {
    operator.stuckAt = 'error';
    const refusal = await runLoad(loadOf({ connections: 'fresh' }), [pathTo(target.port)], {
      engine: engine('stuck', 2),
    }).catch((error: unknown) => error);
    operator.stuckAt = undefined;
    expect(refusal).to.be.instanceOf(FaultlineError);
    expect((refusal as Error).message).to.equal('cluster load: TestRun default/faultline-stuck is in the stage error');
    await nothingLeft('stuck');
  });

  it('says what a script that cannot be loaded has said', async () => {
    const script = { main: 'load.ts', files: new Map([['load.ts', "throw new Error('the script is broken');"]]) };
    const refusal = await runLoad(loadOf({ connections: 'fresh' }), [pathTo(target.port)], {
      engine: engine('broken', 2, script),
    }).catch((error: unknown) => error);
    expect((refusal as Error).message).to.match(
      /TestRun default\/faultline-broken has a pod that ended before anything was sent, .*initializer.*the script is broken/s,
    );
    await nothingLeft('broken');
  });

  it('ends a start that is interrupted, and leaves nothing behind', async () => {
    operator.stuckAt = 'initialization';
    const signal = AbortSignal.timeout(500);
    const interrupted = {
      start: (order: LoadOrder) => engine('early', 2).start({ ...order, signal }),
    };
    const refusal = await runLoad(loadOf({ connections: 'fresh' }), [pathTo(target.port)], {
      engine: interrupted,
    }).catch((error: unknown) => error);
    operator.stuckAt = undefined;
    expect((refusal as Error).message).to.equal('The start of the load was interrupted.');
    await nothingLeft('early');
  });
});
