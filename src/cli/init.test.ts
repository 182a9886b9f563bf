import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { longDrill } from './testing/drill.ts';
import { faultline, liveSandbox, settings } from './testing/live-sandbox.ts';

describe('what init writes for contexts of a kubeconfig', function () {
  this.timeout(180_000);

  longDrill('exit 0: it passes as it stands but for shorter phases that still show every share', async () => {
    const live = await liveSandbox();
    try {
      const own = join(dirname(live.targets), 'own');
      mkdirSync(own);
      const file = join(own, 'drill.yaml');
      const kubeconfig = join(dirname(live.targets), 'kubeconfig');
      const contexts = ['--from-context', 'tokyo,hangzhou', '--kubeconfig', kubeconfig];
      expect((await faultline('init', file, ...contexts)).code).to.equal(0);
      const shorter = [
        ...['spec.phases.baseline=4s', 'spec.phases.hold=13s', 'spec.phases.recover=5s', 'spec.load.rate=35/s'],
        'spec.expect.errorBudget.perCaller=70',
      ];
      const target = ['--target', join(own, 'targets.yaml'), '--yes', '--out', live.out];
      const { code, stdout, stderr } = await faultline('run', file, ...target, ...settings(shorter));
      expect(code, stderr + stdout).to.equal(0);
    } finally {
      await live.close();
    }
  });
});
