import { expect } from 'chai';
import { parse } from 'yaml';
import { labCluster } from '../testing/clusters.ts';
import { ADMIN, ISTIO_READER, kubeconfig, tokenFile, usersOf } from './users.ts';

describe('users of a lab cluster', () => {
  it('are its parts, one kubelet for each node, istiod of the other cluster and one administrator, one for drills', () => {
    expect(usersOf(labCluster('tokyo')).map(({ name }) => name)).to.deep.equal([
      'admin',
      'drill',
      'system:kube-controller-manager',
      'system:kube-scheduler',
      'system:kube-proxy',
      'kube-router',
      'system:serviceaccount:istio-system:istio-reader-service-account',
      'system:node:node-ap-northeast-1a',
      'system:node:node-ap-northeast-1b',
    ]);
  });

  it('are proved by tokens, with their groups', () => {
    const file = tokenFile([
      { user: ADMIN, token: 'a1' },
      { user: ISTIO_READER, token: 'b2' },
    ]);
    expect(file.split('\n')).to.deep.equal([
      'a1,admin,admin,"system:masters"',
      `b2,${ISTIO_READER.name},${ISTIO_READER.name},"system:serviceaccounts,system:serviceaccounts:istio-system"`,
      '',
    ]);
  });

  it('get in by a kubeconfig that checks whom it talks to', () => {
    const entrance = (cluster: string, host: string) => ({ cluster, host, authority: 'PEM', token: `t-${cluster}` });
    const config = parse(kubeconfig([entrance('tokyo', '127.210.0.30'), entrance('hangzhou', '127.210.0.10')]));
    expect(config['current-context']).to.equal('tokyo');
    expect(config.contexts.map((one: { name: string }) => one.name)).to.deep.equal(['tokyo', 'hangzhou']);
    expect(config.clusters[0].cluster).to.deep.equal({
      server: 'https://127.210.0.30:6443',
      'certificate-authority-data': Buffer.from('PEM').toString('base64'),
    });
    expect(config.users[1]).to.deep.equal({ name: 'hangzhou', user: { token: 't-hangzhou' } });
  });
});
