import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dnsFault } from '../faults/dns-fault/index.ts';
import { chainName, containerName } from '../faults/in-pod/container.ts';
import { networkPartition } from '../faults/network-partition/index.ts';
import { podNetwork } from '../faults/pod-network/index.ts';
import { openCluster } from '../kube/kubeconfig.ts';
import type { FaultContext, FaultKind, FaultPlan } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { FaultBlock } from '../model/scenario.ts';
import { systemClock } from '../run/system-clock.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';

const [ZONE, OTHER] = ['ap-northeast-1a', 'ap-northeast-1b'];
const clock = systemClock;

describe('packets of pods in the sandbox', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-packets-'));
  let test: SandboxUnderTest;
  let context: FaultContext;

  before(async () => {
    test = await SandboxUnderTest.start();
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, test.sandbox.kubeconfig);
    const cluster = openCluster({ name: 'tokyo', region: 'r', kubeconfig, context: 'tokyo', gateways: [] }, clock);
    const signal = new AbortController().signal;
    context = { runId: 'run-1', cluster, clock, now: () => clock.now(), signal, onAffected: () => {} };
  });
  after(async () => {
    await test.sandbox.close();
    rmSync(folder, { recursive: true });
  });

  let faults = 0;
  /** Does something while a fault is on: what it is about is `fields`. */
  async function during<T>(
    fields: FaultBlock,
    act: (plan: FaultPlan) => Promise<T>,
    kind: FaultKind = podNetwork,
  ): Promise<T> {
    faults += 1;
    const common = { cluster: 'tokyo', namespace: 'default', image: 'i:1', expiry: 600_000, direction: 'both' };
    const plan = await kind.plan({ name: `fault-${faults}`, spec: { ...common, ...fields } }, context);
    await kind.inject(plan, context);
    try {
      const [proof] = await Promise.all([kind.prove(plan, context), nudged()]);
      expect(proof, proof.detail).to.include({ proven: true });
      return await act(plan);
    } finally {
      const outcome = await kind.undo(plan, context);
      expect(outcome.state, outcome.detail).to.equal('undone');
    }
  }

  /** Somebody whose packets are counted. */
  async function nudged(): Promise<void> {
    await clock.sleep(100);
    for (const zone of [ZONE, OTHER]) await test.ask(zone, 200).catch(() => undefined);
  }

  /** Answers of a zone: how often its whole chain, and how long they took in all. */
  async function asked(zone: string, times: number, limitMs = 1500): Promise<{ whole: number; ms: number }> {
    const start = Date.now();
    let whole = 0;
    for (let n = 0; n < times; n++) {
      const chain = await test.chain(zone, limitMs).catch(() => 'no answer');
      if (chain === `${zone} ${zone} ${zone}`) whole += 1;
    }
    return { whole, ms: Date.now() - start };
  }

  const mockb = { deployment: `mockb-${ZONE}` };

  it('that ask for a name are refused: who has not called before finds nobody', async () => {
    const dns = { deployment: `mocka-${OTHER}`, packets: 'refuse' };
    await during(dns, async () => expect((await test.ask(OTHER)).body).to.match(/^-> mocka\([^)]+\)$/), dnsFault);
    expect((await asked(OTHER, 1)).whole).to.equal(1);
  });

  it('are delayed, once for a call and its answer', async () => {
    await asked(ZONE, 2);
    await during({ ...mockb, direction: 'in', delay: 150 }, async () => {
      const { whole, ms } = await asked(ZONE, 4, 5000);
      expect(whole).to.equal(4);
      expect(ms).to.be.at.least(4 * 150);
    });
  });

  it('are lost by chance, and sent again', async () => {
    await during({ ...mockb, loss: 0.05 }, async () => {
      const { whole } = await asked(ZONE, 5, 10_000);
      expect(whole).to.equal(5);
    });
  });

  it('are dropped: calls in hang, and those of others go on', async () => {
    await during({ ...mockb, direction: 'in', packets: 'drop' }, async () => {
      expect((await asked(ZONE, 1, 400)).whole).to.equal(0);
      expect((await asked(OTHER, 3)).whole).to.equal(3);
    });
  });

  it('are refused: callers hear it at once, on kept connections and new ones, and the mesh goes elsewhere', async () => {
    await asked(ZONE, 3);
    await during({ ...mockb, direction: 'in', packets: 'refuse', port: 8000 }, async () => {
      const bodies: string[] = [];
      for (let n = 0; n < 6; n++) bodies.push(await test.chain(ZONE, 1000));
      expect(bodies.join(), 'nothing hung').to.not.contain('no answer');
      expect(bodies.at(-1)).to.equal(`${ZONE} ${OTHER} ${OTHER}`);
    });
  });

  it('of calls out to one peer are hit alone: who calls the pods gets an answer', async () => {
    const own = { deployment: `mockb-${OTHER}` };
    const mocka = { ...own, direction: 'out', peer: { service: 'mocka' }, packets: 'drop' };
    await during(mocka, async (plan) => {
      expect((await asked(OTHER, 2)).whole).to.equal(2);
      const ending = new AbortController();
      const sustained = podNetwork.sustain?.(plan, { ...context, signal: ending.signal });
      test.scale(`mocka-${ZONE}`, 2);
      const { objects, affected } = plan;
      const where = { namespace: 'default', pod: affected[0]?.pod ?? '', container: containerName(plan) };
      const ips = () =>
        test.podNames(`mocka-${ZONE}`).map((name) => {
          const pod = test.store().get({ ...KINDS.pod, namespace: 'default', name });
          return (pod?.status as { podIP?: string } | undefined)?.podIP ?? 'none yet';
        });
      await until('a pod that has come to the peer is hit', async () => {
        const { stdout } = await context.cluster.exec(where, ['iptables', '-w', '-S', `${chainName(plan)}-O`]);
        return ips().length === 2 && ips().every((ip) => stdout.includes(`-d ${ip} `));
      });
      expect(
        ips().every((ip) => objects[0]?.during?.includes(ip)),
        'it was not there before',
      ).to.equal(false);
      ending.abort();
      await sustained;
      test.scale(`mocka-${ZONE}`, 1);
    });
    const mockc = { ...own, direction: 'out', peer: { service: 'mockc' }, port: 8000, packets: 'refuse' };
    await during(mockc, async (plan) => {
      expect(plan.objects[0]?.during).to.match(
        /^refuse packets: calls out to 127\..+ port 8000; calls out to [\d.]+ port 8000$/,
      );
      expect((await test.ask(OTHER)).body)
        .to.contain(`mockb(version: ${OTHER}`)
        .and.not.contain('mockc(');
    });
  });

  it('do not pass between two sides of a partition, one way alone, and others go on', async () => {
    const sides = { namespaces: ['default'], from: { service: 'mocka', zone: OTHER }, to: { service: 'mockb' } };
    const partition = async (plan: FaultPlan) => {
      expect(plan.affected.map(({ workload }) => workload)).to.have.members([
        ...[`mocka-${OTHER}`, `mockb-${ZONE}`, `mockb-${OTHER}`],
      ]);
      for (let n = 0; n < 3; n++) {
        expect((await test.ask(OTHER)).body)
          .to.contain('-> mocka(')
          .and.not.contain('mockb(version: ap-northeast');
      }
      expect((await test.ask(ZONE)).body).to.contain('mockb(version: ap-northeast');
    };
    await during({ ...sides, direction: 'one', packets: 'refuse' }, partition, networkPartition);
  });
});
