import { accessOf } from '../lab/up/access.ts';
import { LAB_FOLDER } from '../lab/up/state.ts';
import { needLab, type UsedLab } from './testing/lab.ts';
import { meshContract } from './testing/mesh-suite.ts';
import { ContractTarget } from './testing/target.ts';

describe('the mesh of the lab, as it was measured', function () {
  this.timeout(300_000);
  let lab: UsedLab;
  let target: ContractTarget;
  meshContract(async () => {
    lab = needLab();
    target = new ContractTarget(accessOf(LAB_FOLDER).targets, 3000);
    return [target];
  });
  after(async () => {
    await target.close();
    lab.leave();
  });
});
