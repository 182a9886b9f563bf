import { type LiveSandbox, liveSandbox } from '../cli/testing/live-sandbox.ts';
import { meshContract } from './testing/mesh-suite.ts';
import { ContractTarget } from './testing/target.ts';

/** Cases mostly wait for rollouts: several sandboxes play them at once. */
const SANDBOXES = 4;

/** They wait longest, and stand in `npm run test:drills`; those beside them go through the same rules. */
const LONG = /^(03|07|30|35) /;
const isShort = (name: string): boolean => process.env.FAULTLINE_ALL === 'drills' || !LONG.test(name);

describe('the mesh of the sandbox, as a real one was measured', function () {
  this.timeout(300_000);
  let live: readonly LiveSandbox[];
  let targets: readonly ContractTarget[];
  meshContract(async () => {
    live = await Promise.all(Array.from({ length: SANDBOXES }, () => liveSandbox()));
    targets = live.map((one) => new ContractTarget(one.targets, 300));
    return targets;
  }, isShort);
  after(async () => {
    await Promise.all(targets.map((target) => target.close()));
    await Promise.all(live.map((one) => one.close()));
  });
});
