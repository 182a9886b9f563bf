import { expect } from 'chai';
import type { ContentCheck, GoodRequest } from '../model/scenario.ts';
import { contentJudge } from './content.ts';

const wrongIn = (content: readonly ContentCheck[], body: string, more: object = {}) => {
  const good: GoodRequest = { status: [{ from: 200, to: 204 }], chain: [], latencyMs: 1, content };
  return contentJudge(good)?.({ status: 200, headers: {}, truncated: false, body: Buffer.from(body), ...more });
};
const textIn = (...args: Parameters<typeof wrongIn>) => wrongIn(...args)?.text;

const isOk: ContentCheck = { of: 'body', pointer: '/status', expected: { equals: 'ok' } };

describe('load/content', () => {
  it('says what a value of JSON is, and what it should be', () => {
    expect(textIn([isOk], '{"status":"ok"}')).to.equal(undefined);
    expect(wrongIn([isOk], '{"status":"degraded"}')).to.deep.equal({
      text: 'body: /status is "degraded", not "ok"',
      plain: 'body: /status is something else, not "ok"',
    });
    expect(textIn([isOk], '{"state":"ok"}')).to.equal('body: /status is not there');
    expect(textIn([isOk], '<html>')).to.equal('body: no JSON, so that there is no /status');
    expect(textIn([isOk], '{"status":"ok"', { truncated: true })).to.contain('longer than 64 KiB');
    const deep: ContentCheck = { of: 'body', pointer: '/a/0', expected: { equals: { x: [1, null], y: 'z' } } };
    expect(textIn([deep], '{"a":[{"y":"z","x":[1,null]}]}')).to.equal(undefined);
    expect(textIn([deep], '{"a":[{"y":"z","x":[1]}]}')).to.equal(
      'body: /a/0 is {"y":"z","x":[1]}, not {"x":[1,null],"y":"z"}',
    );
    expect(textIn([isOk], `{"status":"${'x'.repeat(500)}"}`)?.length).to.be.lessThan(150);
  });

  it('looks for patterns in values, numbers included, and in the whole text', () => {
    const number: ContentCheck = { of: 'body', pointer: '/n', expected: { matches: '^4\\d$' } };
    expect(textIn([number], '{"n":42}')).to.equal(undefined);
    expect(textIn([number], '{"n":52}')).to.equal('body: /n is 52, and does not match /^4\\d$/');
    const text: ContentCheck = { of: 'body', expected: { matches: 'all (fine|good)' } };
    expect(textIn([text], 'it is all good')).to.equal(undefined);
    expect(textIn([text], 's3cret')).to.equal('body: the text does not match /all (fine|good)/');
  });

  it('looks at headers by any case', () => {
    const cache: ContentCheck = { of: 'header', name: 'X-Cache', expected: { equals: 'HIT' } };
    expect(textIn([cache], '', { headers: { 'x-cache': 'HIT' } })).to.equal(undefined);
    expect(textIn([cache], '', { headers: { 'x-cache': ['HIT', 'MISS'] } })).to.equal(
      'header x-cache is "HIT, MISS", not "HIT"',
    );
    expect(textIn([cache], '')).to.equal('header x-cache is not there');
  });

  it('says nothing of an answer whose status is wrong, and the first of several things', () => {
    const check: ContentCheck = { of: 'body', expected: { matches: 'x' } };
    expect(textIn([isOk], '', { status: 503 })).to.equal(undefined);
    expect(textIn([isOk, check], '{"status":"ok"}')).to.contain('does not match /x/');
  });

  it('is nothing where a good answer need not say anything', () => {
    expect(contentJudge({ status: 200, chain: [], latencyMs: 1 })).to.equal(undefined);
  });
});
