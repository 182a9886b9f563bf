import { expect } from 'chai';
import { parse } from 'yaml';
import { labCluster, labNode } from '../testing/clusters.ts';
import { cniConfig, containerdConfig, furnishScript, kubeletConfig, kubeProxyConfig } from './node-config.ts';

const tokyo = labCluster('tokyo');
const node = labNode('ap-northeast-1a');

describe('a node of the lab', () => {
  it('starts containers on a machine where not even root may lower oom_score_adj', () => {
    const text = containerdConfig('/usr/lib/cni');
    expect(text).to.contain('restrict_oom_score_adj = true');
    expect(text).to.contain('sandbox = "lab.local/pause:1"');
    expect(text).to.contain('bin_dirs = ["/usr/lib/cni"]');
  });

  it('gives its pods addresses of its own range, and hides none of them', () => {
    const [bridge] = JSON.parse(cniConfig(node)).plugins;
    expect(bridge).to.deep.include({ ipMasq: false, isGateway: true, hairpinMode: true });
    expect(bridge.ipam.ranges).to.deep.equal([[{ subnet: '10.212.1.0/24' }]]);
  });

  it('has a cgroup root of its own, runs under version 1 too, and asks the name server of its cluster', () => {
    const config = parse(kubeletConfig(tokyo, 'faultline-lab/tokyo/x/pods'));
    expect(config).to.deep.include({
      cgroupRoot: '/faultline-lab/tokyo/x/pods',
      failCgroupV1: false,
      clusterDNS: ['10.97.0.10'],
      enforceNodeAllocatable: [],
    });
    expect(config.authentication.anonymous.enabled).to.equal(false);
  });

  it('masquerades what comes from outside of the pods, and leaves connection tracking alone', () => {
    const config = parse(kubeProxyConfig(tokyo, node));
    expect(config).to.deep.include({ clusterCIDR: '10.212.0.0/16', hostnameOverride: 'node-ap-northeast-1a' });
    expect(config.conntrack).to.deep.equal({
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: '0s',
      tcpCloseWaitTimeout: '0s',
    });
  });

  it('is furnished in a private mount namespace, with the true file system bound before anything lies over it', () => {
    const lines = furnishScript(tokyo, node, "/var/lib/it's").split('\n');
    const at = (part: string) => {
      const found = lines.findIndex((line) => line.includes(part));
      return found < 0 ? expect.fail(`no line with ${part}`) : found;
    };
    expect(lines[0]).to.equal('set -eu');
    expect(at('make-rprivate')).to.be.lessThan(at('mount -t tmpfs'));
    expect(at(`mount --bind '/var/lib/it'\\''s' /run/faultline`)).to.be.lessThan(at('lowerdir=/var'));
    for (const name of ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'])
      expect(at(`/proc/sys/${name}`), name).to.be.greaterThan(at('decoys'));
    expect(lines.filter((line) => /> ?\/proc\/sys\/(vm|kernel\/panic)/.test(line))).to.deep.equal([]);
  });
});
