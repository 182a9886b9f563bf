import { dirname, join } from 'node:path';
import { type LiveSandbox, liveSandbox } from '../cli/testing/live-sandbox.ts';
import { kubeContract } from './testing/kube-suite.ts';

describe('the API of the sandbox, as a real one answers', function () {
  this.timeout(120_000);
  let live: LiveSandbox;
  kubeContract(async () => {
    live = await liveSandbox();
    return { kubeconfig: join(dirname(live.targets), 'kubeconfig'), context: 'tokyo' };
  });
  after(() => live.close());
});
