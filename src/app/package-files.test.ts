import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { expect } from 'chai';
import { shippedScenario } from './package-files.ts';

describe('a scenario that comes with faultline', () => {
  it('is found from any folder, and in a clone by its short name', () => {
    expect(shippedScenario('service-failover.yaml', resolve('.'))).to.equal('scenarios/service-failover.yaml');
    const elsewhere = shippedScenario('service-failover.yaml', tmpdir());
    expect([isAbsolute(elsewhere), existsSync(elsewhere)]).to.deep.equal([true, true]);
  });
});
