import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { FAULT_KINDS } from '../faults/index.ts';
import { ENGINE_KINDS } from '../load/engines.ts';
import { scenarioSchema } from '../scenario/index.ts';

describe('scenarios/scenario.schema.json', () => {
  it('is what `npm run schema` writes', () => {
    const committed: unknown = JSON.parse(readFileSync('scenarios/scenario.schema.json', 'utf8'));
    expect(committed).to.deep.equal(scenarioSchema(FAULT_KINDS, OBJECTIVES, ENGINE_KINDS));
  });
});

describe('scenarios/k6/faultline.ts', () => {
  it('is what `faultline k6 script` writes', () => {
    const committed = readFileSync('scenarios/k6/faultline.ts', 'utf8');
    expect(committed).to.equal(readFileSync('src/load/k6/scripts/faultline.ts', 'utf8'));
  });
});
