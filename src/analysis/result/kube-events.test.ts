import { expect } from 'chai';
import { judged } from '../testing/handmade.ts';
import type { HistoryBuilder } from '../testing/history-builder.ts';

type Told = { readonly name: string; readonly t?: number; readonly namespace?: string; readonly cluster?: string };

function tell(history: HistoryBuilder, { name, t = 12, namespace = 'default', cluster = 'tokyo' }: Told): void {
  const object = { kind: 'Pod', namespace, name };
  const text = { reason: 'Killing', message: 'Stopping container default' };
  history.at(t * 1e6, { type: 'kube-event', cluster, object, warning: false, count: 1, ...text });
}

const COVERED = { type: 'kube-events', cluster: 'tokyo', read: ['default'], unread: ['istio-system'] } as const;

describe('analysis: Events of the clusters', () => {
  it('are those of what the faults touched, with pods of the same workload that came later', async () => {
    const { kubeEvents, evidence } = await judged({
      events: (history) => {
        history.at(1e6, COVERED);
        tell(history, { name: 'mockb-north-a-later' });
        tell(history, { name: 'mockb-north-a', t: 13 });
        tell(history, { name: 'mockb-north-abc' });
        tell(history, { name: 'mocka-north-a-0' });
        tell(history, { name: 'mockb-north-a-0', namespace: 'other' });
        tell(history, { name: 'mockb-north-a-0', cluster: 'osaka' });
      },
    });
    expect(kubeEvents?.events.map(({ name }) => name)).to.deep.equal(['mockb-north-a-later', 'mockb-north-a']);
    expect(kubeEvents).to.deep.include({ more: 0, others: 4, unread: ['tokyo/istio-system'] });
    const rows = new Map(evidence.map((row) => [row.id, row]));
    for (const { id } of kubeEvents?.events ?? []) expect(rows.get(id)?.source).to.equal('kubernetes');
  });

  it('are bounded, and the others counted', async () => {
    const { kubeEvents } = await judged({
      events: (history) => {
        for (let at = 0; at < 250; at += 1) tell(history, { name: `mockb-north-a-${at}`, t: 12 + at / 100 });
      },
    });
    expect(kubeEvents?.events).to.have.length(200);
    expect(kubeEvents?.more).to.equal(50);
  });

  it('crowd nothing else out of the evidence', async () => {
    const { evidence, evidenceLeftOut } = await judged({
      events: (history) => {
        for (let at = 0; at < 900; at += 1) tell(history, { name: `other-${at}`, t: 1 + at / 1000 });
      },
    });
    expect(evidenceLeftOut).to.be.greaterThan(0);
    expect(evidence.map(({ text }) => text)).to.include('run completed');
  });

  it('are absent in a history of before they were read', async () => {
    expect(await judged({})).to.not.have.property('kubeEvents');
  });
});
