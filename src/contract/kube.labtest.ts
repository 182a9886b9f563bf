import { accessOf } from '../lab/up/access.ts';
import { LAB_FOLDER } from '../lab/up/state.ts';
import { kubeContract } from './testing/kube-suite.ts';
import { needLab, type UsedLab } from './testing/lab.ts';

describe('the API of a real server', function () {
  this.timeout(180_000);
  let lab: UsedLab;
  kubeContract(async () => {
    lab = needLab();
    return { kubeconfig: accessOf(LAB_FOLDER).kubeconfig, context: 'tokyo' };
  });
  after(() => lab.leave());
});
