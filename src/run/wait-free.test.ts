import { expect } from 'chai';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import { ClusterLease } from './cluster-lease.ts';
import { freezeRef } from './lock-objects.ts';
import { virtualClock } from './testing/virtual-clock.ts';
import { waitUntilFree } from './wait-free.ts';

/** Two clusters with their time, and who holds the second one. */
class Bench {
  readonly clusters = [new FakeCluster(), new FakeCluster()] as const;
  readonly clock = virtualClock();
  readonly said: string[] = [];
  readonly stop = new AbortController();
  readonly other = new ClusterLease(this.clusters[1], 'default', 'run-1/a/1', this.clock);

  /** Somebody takes it, and lives for so long, or dies at once. */
  async hold(livesMs: number | 'dies'): Promise<void> {
    await this.other.take({ stop: this.stop.signal, onWatch: () => {} });
    if (livesMs === 'dies') return;
    this.other.keep(() => {});
    void this.clock.sleep(livesMs).then(() => this.other.release());
  }

  /** Resolves to the seconds after which it came to an end, and how. */
  async wait(seconds: number): Promise<[number, string]> {
    const began = this.clock.now();
    const { clock, said, stop } = this;
    const until = began + seconds * 1_000_000;
    const ports = { clock, until, stop: stop.signal, say: (text: string) => void said.push(text) };
    const end = await waitUntilFree(this.clusters, 'default', ports).then(String, (error: unknown) =>
      error instanceof FaultlineError ? error.code : String(error),
    );
    return [Math.round((this.clock.now() - began) / 1_000_000), end];
  }
}

describe('waiting for clusters that another run holds', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.other.release());

  it('is over at once where nobody holds them', async () => {
    expect(await bench.wait(600)).to.deep.equal([0, 'false']);
    expect(bench.said).to.deep.equal([]);
  });

  it('goes on until the other run has given them back, and says once for whom', async () => {
    await bench.hold(200_000);
    const [seconds, end] = await bench.wait(600);
    expect(end).to.equal('true');
    expect(seconds).to.be.within(200, 206);
    expect(bench.said).to.have.length(1);
    expect(bench.said[0]).to.contain('run run-1').and.to.contain('waiting for its end');
  });

  it('ends with who lives there when its time is over, and writes nothing', async () => {
    await bench.hold(900_000);
    const before = JSON.stringify(bench.clusters[0].all(KINDS.lease));
    const [seconds, end] = await bench.wait(120);
    expect(end).to.equal('LEASE_HELD');
    expect(seconds).to.be.within(120, 125);
    expect(JSON.stringify(bench.clusters[0].all(KINDS.lease))).to.equal(before);
  });

  it('does not wait for the dead: a whole silent minute, or until its time is over', async () => {
    await bench.hold('dies');
    const [seconds, end] = await bench.wait(600);
    expect(end).to.equal('true');
    expect(seconds).to.be.within(60, 66);
    expect(await bench.wait(10)).to.deep.equal([12, 'true']);
    expect(bench.said.at(-1)).to.contain('run run-1').and.to.contain('too short to see whether it lives');
  });

  it('ends at once when a cluster is frozen, or when it is told to', async () => {
    await bench.hold(900_000);
    const { apiVersion, kind, namespace = '', name } = freezeRef('default');
    const freeze = { apiVersion, kind, metadata: { namespace, name }, data: { reason: 'incident' } };
    void bench.clock.sleep(30_000).then(() => bench.clusters[0].create(freeze));
    const [seconds, end] = await bench.wait(600);
    expect(end).to.equal('FROZEN');
    expect(seconds).to.be.within(30, 36);
    bench = new Bench();
    await bench.hold(900_000);
    void bench.clock.sleep(30_000).then(() => bench.stop.abort({ kind: 'signal', signal: 'SIGINT' }));
    expect((await bench.wait(600))[1]).to.equal('FAULT_REFUSED');
  });
});
