import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { FAULT_KINDS } from '../faults/index.ts';
import { scenarioSchema } from '../scenario/index.ts';
import { applySettings } from './settings.ts';

describe('scenarios/scenario.schema.json', () => {
  it('is what `npm run schema` writes', () => {
    const committed: unknown = JSON.parse(readFileSync('scenarios/scenario.schema.json', 'utf8'));
    expect(committed).to.deep.equal(scenarioSchema(FAULT_KINDS));
  });
});

describe('scenarios/k6/faultline.ts', () => {
  it('is what `faultline k6 script` writes', () => {
    const committed = readFileSync('scenarios/k6/faultline.ts', 'utf8');
    expect(committed).to.equal(readFileSync('src/load/k6/scripts/faultline.ts', 'utf8'));
  });
});

describe('--set', () => {
  const text = 'spec:\n  load: {rate: 50/s}\n  faults: [{name: a}]\n';

  it('replaces values by path, list entries by number', () => {
    expect(applySettings(text, ['spec.load.rate=10/s', 'spec.faults.0.name=b'])).to.equal(
      'spec:\n  load: { rate: 10/s }\n  faults: [ { name: b } ]\n',
    );
  });

  it('reads values as YAML', () => {
    expect(applySettings(text, ['spec.load.paths=[1, two]'])).to.contain('paths: [ 1, two ]');
  });

  it('refuses what is no setting, and leaves broken YAML to its own diagnostics', () => {
    expect(() => applySettings(text, ['spec.load.rate'])).to.throw('not of the form');
    expect(() => applySettings(text, ['spec..rate=1'])).to.throw('not of the form');
    expect(() => applySettings(text, ['spec.load.rate.x=1'])).to.throw('no such place');
    expect(applySettings('a: [', ['a=1'])).to.equal('a: [');
  });
});
