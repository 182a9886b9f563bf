import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { faultKind } from '../../faults/index.ts';
import { blockOf } from '../../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../../faults/testing/fake-system.ts';
import type { FaultPlan } from '../../model/fault.ts';
import type { JournalCluster } from '../../model/journal.ts';
import { writeClusterJournal } from '../../run/cluster-journal.ts';
import { isClean } from '../../run/recover.ts';
import { recoverPorts } from '../../run/testing/recover-ports.ts';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import { createJournal } from '../../store/journal-file.ts';
import { createRunFolder } from '../../store/run-folder.ts';
import { recoverClusters } from './clusters.ts';
import { recoverFolders } from './folders.ts';
import { joinRecovered, type Recovered } from './recovered.ts';

type Two = { readonly tokyo: FakeCluster; readonly hangzhou: FakeCluster; readonly plan: FaultPlan };

/** A run has died with its fault on, in a cluster whose istiod serves another one, whose proxies answer as they are told. */
async function dead(kindName: string): Promise<Two> {
  const named = (name: string, more: object) => {
    const identity = async () => ({ uid: `uid-of-${name}`, server: '', version: '' });
    return Object.assign(fakeSystem(), { name, identity, ...more });
  };
  const tokyo = named('tokyo', {});
  const hangzhou = named('hangzhou', { configuredBy: 'tokyo' });
  const kind = faultKind(kindName);
  const context = { ...fakeContext(tokyo), served: [hangzhou] };
  const plan = await kind.plan({ name: 'broken', spec: blockOf(kind) }, context);
  await writeClusterJournal(tokyo, 'default', plan.runId, [plan]);
  await kind.inject(plan, context);
  return { tokyo, hangzhou, plan };
}

describe('recover of what an istiod has told the proxies of another cluster', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-recover-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  const at = (name: string, uid: string): JournalCluster => ({
    ...{ name, uid, region: 'r', server: '', kubeconfig: 'k', context: name, namespaces: ['default'] },
    ...(name === 'tokyo' ? {} : { configuredBy: 'tokyo' }),
    ephemeral: false,
  });

  type Accept = { readonly accept?: { readonly only: readonly string[] } };
  const ways: Record<string, (two: Two, uid: string, more?: Accept) => Promise<Recovered>> = {
    'a targets file': async ({ tokyo, hangzhou }, uid) => {
      const ports = recoverPorts(virtualClock(), new AbortController().signal);
      const clusters = [
        { cluster: tokyo, uid: undefined },
        { cluster: hangzhou, uid },
      ];
      return joinRecovered(
        await recoverClusters({ namespaces: ['default'], lockNamespace: 'default' }, clusters, ports),
      );
    },
    'a journal': async (two, uid, more) => {
      const clusters = [at('tokyo', 'uid-of-tokyo'), at('hangzhou', uid)];
      const { runId } = two.plan;
      const wall = '2026-11-22T09:00:00.000Z';
      const folder = createRunFolder(mkdtempSync(join(out, 'in-')), runId);
      const journal = createJournal(folder.journal, { state: 'opened', runId, clusters, plans: [two.plan], wall });
      journal.append({ state: 'intent', runId, plan: two.plan, cluster: at('tokyo', 'uid-of-tokyo'), wall });
      journal.append({ state: 'released', cluster: 'hangzhou', wall });
      journal.close();
      const ports = { ...recoverPorts(virtualClock(), new AbortController().signal), say: () => {}, ...more };
      const open = ({ name }: JournalCluster) => (name === 'tokyo' ? two.tokyo : two.hangzhou);
      return recoverFolders([folder], { ...ports, open, firstOver: ports.over });
    },
  };

  for (const [way, recover] of Object.entries(ways)) {
    for (const kind of ['meshFault', 'clientFault']) {
      it(`is over when these have let go of it, too: a ${kind} by ${way}`, async () => {
        for (const [uid, has, state] of [
          ['uid-of-hangzhou', true, 'failed'],
          ['uid-of-hangzhou', false, 'undone'],
          ['another', false, 'failed'],
        ] as const) {
          const two = await dead(kind);
          const name = JSON.stringify(`faultline.${two.plan.runId}.broken`);
          const routed = JSON.stringify(`faultline-${two.plan.runId}-broken`);
          two.hangzhou.proxyAdmin = () => ({ get: async () => (has ? `${name}${routed}` : '[]') });
          const { recoveries } = await recover(two, uid);
          const outcome = recoveries.flatMap(({ undone }) => undone).find(({ fault }) => fault === 'broken')?.outcome;
          expect(outcome?.state, `${uid} ${has} ${outcome?.detail}`).to.equal(state);
          expect(recoveries.every(isClean)).to.equal(state === 'undone');
          if (has) expect(outcome?.detail).to.match(/still on in the proxies of \S+ of hangzhou/);
          if (uid === 'another') expect(outcome?.detail).to.contain('kube-system UID');
        }
      });
    }
  }

  it('is over without the proxies of one that is gone for good, as a person says', async () => {
    const two = await dead('meshFault');
    two.hangzhou.proxyAdmin = () => ({ get: async () => JSON.stringify(`faultline.${two.plan.runId}.broken`) });
    const accept = { only: ['cluster/hangzhou'] };
    const answers = await ways['a journal']?.(two, 'uid-of-hangzhou', { accept });
    expect(answers?.recoveries.every(isClean), 'it answers').to.equal(false);
    const gone = await ways['a journal']?.(two, 'another', { accept });
    expect(gone?.recoveries.map(isClean)).to.deep.equal([true]);
  });
});
