import { expect } from 'chai';
import { diagnosticsOf, edited, FULL, parse } from './testing/fixtures.ts';

const withFault = (block: string): string =>
  edited(FULL, '  faults:\n', `  faults:\n    - name: told\n      ${block}\n`);
const told = (headers: string): string[] =>
  diagnosticsOf(
    parse(withFault(`meshFault: {cluster: tokyo, namespace: default, selector: {app: mockb}, headers: ${headers}}`)),
  )
    .filter(({ message }) => message.includes('a fault cannot know requests'))
    .map(({ code, line, hint }) => `${code} ${line} ${hint}`);

describe('scenario: headers by which a fault knows requests', () => {
  it('are none whose value is a secret by its name', () => {
    for (const name of ['authorization', 'cookie', 'x-api-key', 'x-auth-token']) {
      expect(told(`{${name}: a}`), name).to.have.length(1);
      expect(told(`{${name}: a}`)[0], name).to.match(
        /^FIELD_VALUE \d+ let the load send a header for it that is no secret/,
      );
    }
    expect(told('{cookie: a, x-session: b, x-drill: c}')).to.have.length(2);
  });

  it('are any others', () => {
    expect(told('{x-drill: "1", user-agent: drill}')).to.deep.equal([]);
  });
});
