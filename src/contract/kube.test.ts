import { dirname, join } from 'node:path';
import { type LiveSandbox, liveSandbox } from '../cli/testing/live-sandbox.ts';
import { kubeContract } from './testing/kube-suite.ts';
import { type RawApi, rawApi } from './testing/raw-api.ts';

describe('the API of the sandbox, as a real one answers', function () {
  this.timeout(60_000);
  let live: LiveSandbox;
  let api: RawApi;
  kubeContract(async () => {
    live = await liveSandbox();
    api = rawApi(join(dirname(live.targets), 'kubeconfig'), 'tokyo');
    return api;
  });
  after(async () => {
    await api.close();
    await live.close();
  });
});
