import { expect } from 'chai';
import { parse } from 'yaml';
import { auditPolicy } from './audit.ts';

describe('what the user for drills has asked', () => {
  it('is written down for that user only', () => {
    expect(parse(auditPolicy()).rules).to.deep.equal([{ level: 'Metadata', users: ['drill'] }, { level: 'None' }]);
  });
});
