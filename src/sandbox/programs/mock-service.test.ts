import { expect } from 'chai';
import { APP_DOWN_TEXT } from '../../mesh/outcome.ts';
import { type HttpAnswer, type HttpRequest, TEXT } from './http.ts';
import { mockService } from './mock-service.ts';

const ENV = { app: 'mocka', version: 'zone-1', upstream_url: 'http://mockb:8000/next?x=1' };
const REQUEST: HttpRequest = {
  method: 'POST',
  path: '/any',
  host: 'mocka',
  headers: { 'x-request-id': 'id-1', cookie: 'no' },
};

async function ask(environment: Record<string, string>, answer: HttpAnswer | undefined) {
  const calls: HttpRequest[] = [];
  const upstream = async (_url: URL, call: HttpRequest) => {
    calls.push(call);
    return answer;
  };
  const got = await mockService(environment, '1.2.3.4', upstream, REQUEST, new AbortController().signal);
  return { got, calls };
}

describe('mock service', () => {
  it('fails by order, at once or from some age on', async () => {
    const at = async (environment: Record<string, string>, ageMs: number) => {
      const { signal } = new AbortController();
      return (await mockService(environment, '1.2.3.4', async () => undefined, REQUEST, signal, ageMs)).status;
    };
    expect(await at({ status: '500' }, 0)).to.equal(500);
    expect(await at({ status: '503', status_after: '20s' }, 19_999)).to.equal(200);
    expect(await at({ status: '503', status_after: '20s' }, 20_000)).to.equal(503);
    expect(await at({ status: 'nonsense', status_after: '1s' }, 5000)).to.equal(200);
  });

  it('answers in a header where it is asked to', async () => {
    const request = { ...REQUEST, headers: { 'x-answer-in': 'x-served-by' } };
    const upstream = async () => ({ status: 200, body: '-> mockb(…)', contentType: TEXT });
    const got = await mockService(ENV, '1.2.3.4', upstream, request, new AbortController().signal);
    expect(got.body).to.equal('ok');
    expect(got.headers).to.deep.equal({ 'x-served-by': '-> mocka(version: zone-1, ip: 1.2.3.4)-> mockb(…)' });
  });

  it('prints its segment and then its upstream’s body', async () => {
    const { got, calls } = await ask(ENV, { status: 200, body: '-> mockb(…)', contentType: TEXT });
    expect(got).to.include({ status: 200, body: '-> mocka(version: zone-1, ip: 1.2.3.4)-> mockb(…)' });
    expect(calls).to.deep.equal([
      { method: 'GET', path: '/next?x=1', host: 'mockb:8000', headers: { 'x-request-id': 'id-1' } },
    ]);
  });

  it('calls several upstreams one after the other, and goes on when one has failed', async () => {
    const upstream_url = 'http://details:8000/ http://reviews:8000/';
    const answers = new Map([
      ['details:8000', undefined],
      ['reviews:8000', { status: 200, body: '-> reviews(…)', contentType: TEXT }],
    ]);
    const calls: string[] = [];
    const upstream = async (url: URL) => {
      calls.push(url.host);
      return answers.get(url.host);
    };
    const { signal } = new AbortController();
    const { body } = await mockService({ ...ENV, upstream_url }, '1.2.3.4', upstream, REQUEST, signal);
    expect(calls).to.deep.equal(['details:8000', 'reviews:8000']);
    expect(body).to.equal('-> mocka(version: zone-1, ip: 1.2.3.4)-> reviews(…)');
  });

  it('answers 200 with the error text inside when its upstream says 503', async () => {
    const { got } = await ask(ENV, { status: 503, body: APP_DOWN_TEXT, contentType: TEXT });
    expect(got.status).to.equal(200);
    expect(got.body).to.equal(`-> mocka(version: zone-1, ip: 1.2.3.4)${APP_DOWN_TEXT}`);
  });

  it('appends nothing for a transport error, and at the end of the chain', async () => {
    expect((await ask(ENV, undefined)).got.body).to.equal('-> mocka(version: zone-1, ip: 1.2.3.4)');
    const last = await ask({ app: 'mockc', version: 'z' }, undefined);
    expect(last.got.body).to.equal('-> mockc(version: z, ip: 1.2.3.4)');
    expect(last.calls).to.deep.equal([]);
  });
});
