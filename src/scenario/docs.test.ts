import { expect } from 'chai';
import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { FAULT_KINDS } from '../faults/index.ts';
import { ENGINE_KINDS } from '../load/engines.ts';
import { expectGolden } from '../testing/golden.ts';
import { scenarioSchema } from './index.ts';
import { scenarioPage } from './testing/page.ts';

describe('docs/scenario.md', () => {
  const page = scenarioPage(
    scenarioSchema(FAULT_KINDS, OBJECTIVES, ENGINE_KINDS),
    FAULT_KINDS.map(({ kind }) => kind),
  );

  it('is what the schema says (UPDATE_GOLDEN=1 writes it)', () => {
    expectGolden('docs/scenario.md', page);
  });

  it('has every clause and every kind of fault', () => {
    for (const objective of OBJECTIVES) if ('clause' in objective) expect(page).to.contain(`\`${objective.name}\``);
    for (const { kind } of FAULT_KINDS) expect(page).to.contain(`(faults.md#${kind.toLowerCase()})`);
  });
});
