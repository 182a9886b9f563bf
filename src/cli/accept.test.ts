import { join } from 'node:path';
import { expect } from 'chai';
import { imageSwap } from '../faults/image-swap/index.ts';
import { openCluster } from '../kube/kubeconfig.ts';
import type { FaultContext } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import { systemClock as clock } from '../run/system-clock.ts';
import { faultline, type LiveSandbox, liveSandbox } from './testing/live-sandbox.ts';

const NAME = 'mockb-ap-northeast-1a';
const REF = { ...KINDS.deployment, namespace: 'default', name: NAME };
const IMAGE = '/spec/template/spec/containers/0/image';

describe('recover of what somebody has changed meanwhile', function () {
  this.timeout(120_000);
  let live: LiveSandbox;
  after(async () => live.close());

  it('takes the fault back, leaves what is theirs with exit 5, and closes it when that is accepted', async () => {
    live = await liveSandbox();
    const kubeconfig = join(live.targets, '..', 'kubeconfig');
    const cluster = openCluster({ name: 'tokyo', region: 'r', kubeconfig, context: 'tokyo', gateways: [] }, clock);
    const { signal } = new AbortController();
    const context: FaultContext = {
      runId: 'r-1',
      cluster,
      clock,
      now: () => clock.now(),
      signal,
      onAffected: () => {},
    };
    const spec = { cluster: 'tokyo', namespace: 'default', deployment: NAME, image: 'curl:8', command: ['sleep', '9'] };
    await imageSwap.inject(await imageSwap.plan({ name: 'swap', spec }, context), context);
    await cluster.patch(REF, [{ op: 'replace', path: IMAGE, value: 'hotfix:1' }]);
    const scan = ['recover', '--scan', '--target', live.targets];
    const first = await faultline(...scan);
    expect(first.code, first.stdout + first.stderr).to.equal(5);
    const accept = `faultline recover --run r-1 --scan --target ${live.targets} --accept-current --only default/deployment/${NAME}`;
    expect(first.stdout).to.contain('has image "hotfix:1", which faultline did not write').and.contain(accept);
    const second = await faultline(...scan, '--accept-current');
    expect(second.code, second.stdout + second.stderr).to.equal(0);
    const left = JSON.stringify(await cluster.get(REF));
    expect(left).to.contain('hotfix:1').and.not.contain('"command"').and.not.contain('faultline.dev');
  });
});
