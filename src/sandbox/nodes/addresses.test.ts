import { createServer } from 'node:net';
import { expect } from 'chai';
import { claimAddresses } from './addresses.ts';

describe('address plan', () => {
  it('gives sandboxes of one machine blocks of their own', async function () {
    if (process.platform !== 'linux') this.skip();
    const plans = await Promise.all([claimAddresses('per-zone'), claimAddresses('per-zone')]);
    expect(new Set(plans.map((plan) => plan.zoneIp(1))).size).to.equal(2);
    await Promise.all(plans.map((plan) => plan.close()));
  });

  it('does not give a pod IP twice for thousands of pods', async () => {
    const plan = await claimAddresses('single');
    const given = new Set<string>();
    for (let count = 0; count < 7000; count += 1) given.add(plan.nextPodIp(1)).add(plan.nextPodIp(2));
    expect(given.size).to.equal(14_000);
  });

  it('keeps the port of an address on 127.0.0.1 when it opens again, and knows what is closed', async () => {
    const plan = await claimAddresses('single');
    const open = async () => {
      const server = createServer();
      const place = await plan.listen(server, plan.zoneIp(1), plan.zonePort);
      return { server, place };
    };
    const first = await open();
    expect(plan.locate(plan.zoneIp(1), plan.zonePort)).to.deep.equal(first.place);
    await new Promise((resolve) => first.server.close(resolve));
    expect(plan.locate(plan.zoneIp(1), plan.zonePort)).to.equal(undefined);
    const second = await open();
    expect(second.place).to.deep.equal(first.place);
    await new Promise((resolve) => second.server.close(resolve));
  });
});
