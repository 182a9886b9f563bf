import { accessOf } from '../lab/up/access.ts';
import { LAB_FOLDER } from '../lab/up/state.ts';
import { kubeContract } from './testing/kube-suite.ts';
import { needLab, type UsedLab } from './testing/lab.ts';
import { type RawApi, rawApi } from './testing/raw-api.ts';

describe('the API of a real server', function () {
  this.timeout(120_000);
  let lab: UsedLab;
  let api: RawApi;
  kubeContract(async () => {
    lab = needLab();
    api = rawApi(accessOf(LAB_FOLDER).kubeconfig, 'tokyo');
    return api;
  });
  after(async () => {
    await api.close();
    lab.leave();
  });
});
