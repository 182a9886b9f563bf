import { expect } from 'chai';
import { labCluster } from '../testing/clusters.ts';
import { SOME_PARTS } from '../testing/parts.ts';
import { apiServer, type ControlPlaneFiles, controllerManager, etcd, scheduler } from './control-plane.ts';

const tokyo = labCluster('tokyo');
const { programs } = SOME_PARTS;
const pair = (name: string) => ({ key: `/k/${name}.key`, cert: `/k/${name}.crt` });
const FILES: ControlPlaneFiles = {
  folder: '/lab/tokyo',
  authority: pair('ca'),
  server: pair('apiserver'),
  kubeletClient: pair('kubelet-client'),
  signing: { key: '/k/sa.key', pub: '/k/sa.pub' },
  tokens: '/lab/tokyo/tokens.csv',
  audit: { policy: '/lab/tokyo/audit-policy.yaml', log: '/lab/log/tokyo-drill-requests.log' },
  controllerManager: '/lab/tokyo/controller-manager.kubeconfig',
  scheduler: '/lab/tokyo/scheduler.kubeconfig',
};
const all = [etcd, apiServer, controllerManager, scheduler].map((make) => make(tokyo, programs, FILES));

describe('control plane of a lab cluster', () => {
  it('runs in its own network namespace and cgroup', () => {
    expect(all.map(({ name }) => name)).to.deep.equal([
      'tokyo-etcd',
      'tokyo-kube-apiserver',
      'tokyo-kube-controller-manager',
      'tokyo-kube-scheduler',
    ]);
    for (const { command, group } of all) {
      expect(command.slice(0, 2)).to.deep.equal(['nsenter', '--net=/run/netns/faultline-lab-tokyo']);
      expect(group).to.equal('tokyo/control-plane');
    }
  });

  it('listens on loopback but for the API server, which listens in its namespace only', () => {
    const text = all.map(({ command }) => command.join(' '));
    expect(text.filter((line) => line.includes('0.0.0.0'))).to.deep.equal([text[1]]);
    expect(text[2]).to.contain('--bind-address=127.0.0.1');
    expect(text[3]).to.contain('--bind-address=127.0.0.1');
  });

  it('gives sidecars their certificates, and nodes their rights by name', () => {
    const flags = all[1]?.command ?? [];
    expect(flags).to.include('--api-audiences=https://kubernetes.default.svc.cluster.local,istio-ca');
    expect(flags).to.include('--authorization-mode=Node,RBAC');
    expect(flags).to.include('--enable-admission-plugins=NodeRestriction');
    expect(flags).to.include('--advertise-address=10.210.0.30');
    expect(flags).to.include('--service-cluster-ip-range=10.97.0.0/16');
  });

  it('writes below its own folder only', () => {
    const folders = all.flatMap(({ command }) => command.filter((word) => /^--(data|cert)-dir=/.test(word)));
    expect(folders).to.have.length(4);
    for (const flag of folders) expect(flag).to.match(/-dir=\/lab\/tokyo\//);
  });
});
