import { expect } from 'chai';
import type { KubeCluster } from '../../kube/cluster.ts';
import type { JournalCluster } from '../../model/journal.ts';
import { oneForEach } from './clients.ts';

describe('the clients of a recovery', () => {
  it('are one for each cluster, and each is closed', () => {
    const opened: string[] = [];
    const closed: string[] = [];
    const clients = oneForEach(({ name, context }) => {
      opened.push(`${name} ${context}`);
      return { close: () => closed.push(`${name} ${context}`) } as unknown as KubeCluster;
    });
    const at = (name: string, context: string) =>
      ({ name, context, region: 'r', kubeconfig: 'k', uid: name, namespaces: [] }) as unknown as JournalCluster;
    for (let folder = 0; folder < 3; folder++) {
      clients.open(at('tokyo', 'one'));
      clients.open(at('tokyo', 'two'));
      clients.open(at('osaka', 'one'));
    }
    clients.close();
    expect(opened).to.deep.equal(['tokyo one', 'tokyo two', 'osaka one']);
    expect(closed).to.deep.equal(opened);
  });

  it('are asked for again where one could not be opened', () => {
    let asked = 0;
    const { open } = oneForEach(() => {
      asked++;
      throw new Error('no kubeconfig');
    });
    for (let folder = 0; folder < 2; folder++) expect(() => open({} as JournalCluster)).to.throw('no kubeconfig');
    expect(asked).to.equal(2);
  });
});
