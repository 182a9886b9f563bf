import { type LiveSandbox, liveSandbox } from '../cli/testing/live-sandbox.ts';
import { meshContract } from './testing/mesh-suite.ts';
import { ContractTarget } from './testing/target.ts';

describe('the mesh of the sandbox, as a real one was measured', function () {
  this.timeout(60_000);
  let live: LiveSandbox;
  let target: ContractTarget;
  meshContract(async () => {
    live = await liveSandbox();
    target = new ContractTarget(live.targets, 300);
    return target;
  });
  after(async () => {
    await target.close();
    await live.close();
  });
});
