import { expect } from 'chai';
import { parse } from 'yaml';
import { auditPolicy, refusedIn } from './audit.ts';

describe('what the user for drills has asked', () => {
  it('is written down for that user only', () => {
    expect(parse(auditPolicy()).rules).to.deep.equal([{ level: 'Metadata', users: ['drill'] }, { level: 'None' }]);
  });

  it('tells which requests were refused, and no others', () => {
    const event = (verb: string, requestURI: string, code: number) =>
      `${JSON.stringify({ verb, requestURI, responseStatus: { code } })}\n`;
    const log = event('get', '/api/v1/nodes', 200) + event('list', '/api/v1/secrets', 403) + event('get', '/x', 404);
    expect(refusedIn(log)).to.deep.equal(['list /api/v1/secrets']);
    expect(refusedIn('')).to.deep.equal([]);
  });
});
