import { expect } from 'chai';
import { REDACTED } from '../model/redact.ts';
import { BODY_LIMIT } from '../model/scenario.ts';
import { hideValue, maskSource } from './masked.ts';
import { secretBodies } from './secret-bodies.ts';
import { accepted, diagnosticsOf, edited, FULL, parse } from './testing/fixtures.ts';

const REQUEST = 'request: {path: /other}';
const withBody = (body: string, more = '') => edited(FULL, REQUEST, `request: {path: /other${more}, body: ${body}}`);
const requestOf = (text: string) => accepted(parse(text)).load.paths[1]?.request;
/** As shells write it. */
const variable = (name: string) => `\${${name}}`;
const problemsOf = (text: string) => diagnosticsOf(parse(text)).map(({ code, message }) => `${code} ${message}`);

describe('scenario: the body of a request', () => {
  it('is text, JSON, a file or from the environment, and makes the method POST', () => {
    expect(requestOf(withBody('a=1'))).to.deep.equal({
      method: 'POST',
      path: '/other',
      headers: {},
      body: { kind: 'text', text: 'a=1' },
    });
    const json = requestOf(withBody('{json: {sku: 7, tags: [a, null, true], at: {x: 1.5}}}'));
    expect(json?.body).to.deep.equal({ kind: 'json', text: '{"sku":7,"tags":["a",null,true],"at":{"x":1.5}}' });
    expect(json?.headers).to.deep.equal({ 'content-type': 'application/json' });
    expect(requestOf(withBody('{file: ./o.json}', ', method: PUT'))).to.deep.include({
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: { kind: 'file', file: './o.json' },
    });
    expect(requestOf(withBody('{env: ORDER}'))?.body).to.deep.equal({ kind: 'env', env: 'ORDER' });
    for (const scalar of ['7', 'null', '[]', 'x']) {
      const read = requestOf(withBody(`{json: ${scalar}}`))?.body;
      expect(read).to.deep.equal({ kind: 'json', text: scalar === 'x' ? '"x"' : scalar });
    }
    expect(requestOf(FULL)).to.deep.equal({ method: 'GET', path: '/other', headers: {} });
  });

  it('keeps the content type that is written, in any case', () => {
    const text = withBody('{json: {}}', ', headers: {Content-Type: application/vnd.x+json}');
    expect(requestOf(text)?.headers).to.deep.equal({ 'Content-Type': 'application/vnd.x+json' });
  });

  it('says what cannot be', () => {
    expect(problemsOf(withBody('x', ', method: GET'))).to.deep.equal(['FIELD_VALUE a GET request has no body']);
    expect(problemsOf(withBody('{file: a, env: B}'))).to.have.length(1);
    expect(problemsOf(withBody('{secrets: {/a: {env: B}}, file: x}'))).to.deep.equal([
      'FIELD_VALUE `secrets` are texts in `json`',
    ]);
    expect(problemsOf(withBody('{json: {a: 1}, secrets: {/b/c: {env: B}}}'))).to.deep.equal([
      'NAME_UNKNOWN nothing in the JSON holds /b/c',
    ]);
    expect(problemsOf(withBody('{json: {a: 12345678901234567890}}'))).to.deep.equal([
      'FIELD_VALUE the number is too large to be sent exactly',
    ]);
    expect(problemsOf(withBody(`"${variable('ORDER')}"`)).join()).to.contain('would be sent as it stands');
    expect(problemsOf(withBody(`{json: {a: "${variable('X')}"}}`)).join()).to.contain(
      'spec.load.paths[1].request.body.json.a',
    );
    expect(BODY_LIMIT).to.equal(1024 * 1024);
  });

  it('is refused for an engine that has no word for it', () => {
    const [problem] = diagnosticsOf(
      parse(edited(withBody('x'), 'connections: fresh', 'connections: fresh\n    engine: k6-operator')),
    );
    expect(problem?.message).to.equal(
      'spec.load.paths[1].request.body needs `undici` or `k6`, and the engine is `k6-operator`: pods are told no such thing',
    );
    expect(problem?.hint).to.equal('write `engine: undici`');
  });

  it('is refused beside a script, which sends its own', () => {
    const withK6 = (more: string) =>
      parse(edited(withBody('x'), 'connections: fresh', `connections: fresh\n    engine: k6${more}`));
    expect(diagnosticsOf(withK6(''))).to.deep.equal([]);
    expect(diagnosticsOf(withK6('\n    script: a.ts')).map(({ message, hint }) => `${message}; ${hint}`)).to.deep.equal(
      [
        'spec.load.paths[1].request.body and spec.load.script do not go together: a script sends its own; send it in the script',
      ],
    );
  });

  it('is without its secrets in the load and the source, whose JSON reads the same', () => {
    const text = withBody(
      '{json: {user: me, password: s3cret-1, card: {api_key: [s3cret-2]}, pin: x}, secrets: {/pin: {env: PIN}}}',
    );
    const scenario = accepted(parse(text));
    expect(JSON.stringify(scenario)).to.not.contain('s3cret');
    expect(maskSource(text)).to.not.contain('s3cret');
    expect(hideValue('{password: s3cret}', ['spec', 'load', 'paths', 1, 'request', 'body', 'json'])).to.not.contain(
      's3cret',
    );
    const sent = { user: 'me', password: REDACTED, card: { api_key: [REDACTED] }, pin: REDACTED };
    expect(requestOf(text)?.body).to.deep.equal({ kind: 'json', text: JSON.stringify(sent) });
    expect({ ...accepted(parse(scenario.source.text)), source: 0 }).to.deep.equal({ ...scenario, source: 0 });
    const found = secretBodies(text).map(({ at, ...secret }) => secret);
    expect(found).to.deep.equal([
      { path: 1, pointer: '/password', from: { literal: 's3cret-1' } },
      { path: 1, pointer: '/card/api_key/0', from: { literal: 's3cret-2' } },
      { path: 1, pointer: '/pin', from: { env: 'PIN' } },
    ]);
  });
});
