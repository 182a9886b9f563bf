import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { apiError, isNotFound, isTransient, KubeApiError, unreachable } from './api-error.ts';

const answered = (status: number, method = 'GET', text = '{"message":"because"}') =>
  apiError('tokyo', { method, what: 'get Pod a/b' }, { status, text });

describe('an answer that is no success', () => {
  it('names cluster, object, status and the reason that the API server gives', () => {
    expect(answered(500)).to.include({ code: 'KUBE_API', status: 500, hint: undefined });
    expect(answered(500).message).to.equal('cluster tokyo: get Pod a/b: 500 because');
  });

  it('bounds the reason that a webhook has written', () => {
    const { message } = answered(400, 'POST', JSON.stringify({ message: 'x'.repeat(3_000) }));
    expect(message).to.equal(`cluster tokyo: get Pod a/b: 400 ${'x'.repeat(2_000)}… (3000 characters)`);
    const whole = JSON.stringify({ message: 'x'.repeat(2_000) });
    expect(answered(400, 'POST', whole).message).to.equal(`cluster tokyo: get Pod a/b: 400 ${'x'.repeat(2_000)}`);
  });

  it('has the line breaks of a server in its one line', () => {
    expect(answered(500, 'GET', JSON.stringify({ message: 'no\nerror X' })).message).to.match(/500 no\\nerror X$/);
  });

  it('shows the beginning of what is no Status', () => {
    expect(answered(502, 'GET', '<html>').message).to.equal('cluster tokyo: get Pod a/b: 502 <html>');
    expect(answered(502, 'GET', '{"message":1}').message).to.contain('502 {"message":1}');
    expect(answered(502, 'GET', 'x'.repeat(999)).message).to.have.length(
      'cluster tokyo: get Pod a/b: 502 '.length + 200,
    );
  });

  it('is a conflict where somebody else was there first: 409 always, 422 only as the failed test of a patch', () => {
    const code = (status: number, method: string) => answered(status, method).code;
    expect(['POST', 'PATCH', 'DELETE'].map((method) => code(409, method))).to.deep.equal(
      Array(3).fill('FAULT_CONFLICT'),
    );
    expect(['POST', 'PATCH', 'DELETE', 'GET'].map((method) => code(422, method))).to.deep.equal([
      'KUBE_API',
      'FAULT_CONFLICT',
      'KUBE_API',
      'KUBE_API',
    ]);
    expect(code(400, 'PATCH')).to.equal('KUBE_API');
  });

  it('says what to do where the API does not allow it', () => {
    for (const [status, hint] of [
      [401, 'credentials'],
      [403, 'faultline plan'],
    ] as const) {
      expect(answered(status).code).to.equal('PERMISSION_DENIED');
      expect(answered(status).hint).to.contain(hint);
    }
  });

  it('may pass by itself when the server is busy, broken or away, and not otherwise', () => {
    expect([429, 500, 503, 599].map((status) => isTransient(answered(status)))).to.deep.equal(Array(4).fill(true));
    expect([400, 403, 404, 409, 428, 430, 499].map((status) => isTransient(answered(status)))).to.deep.equal(
      Array(7).fill(false),
    );
    expect(isTransient(new FaultlineError('TARGET_UNREACHABLE', 'away'))).to.equal(true);
    expect(isTransient(new FaultlineError('KUBE_API', 'no'))).to.equal(false);
    expect(isTransient(new Error('TARGET_UNREACHABLE'))).to.equal(false);
  });

  it('is the absence of the object only as 404 of an API server', () => {
    const status = (reason: string) => JSON.stringify({ kind: 'Status', message: 'no', reason });
    const absent = [404, 410, 403].map((code) => isNotFound(answered(code, 'GET', status('NotFound'))));
    expect(absent).to.deep.equal([true, false, false]);
    for (const page of ['<html>404</html>', '{}', '{"message":"no"}', status('Forbidden'), '']) {
      expect(isNotFound(answered(404, 'GET', page)), page).to.equal(false);
    }
    expect(isNotFound(Object.assign(new Error('no'), { status: 404 }))).to.equal(false);
  });
});

describe('a server that does not answer', () => {
  const away = (error: unknown) =>
    unreachable({ cluster: 'tokyo', server: 'https://1.2.3.4', what: 'get Pod a/b' }, error);

  it('is named with what was wanted, and with the reason below the reason', () => {
    const error = away(new Error('fetch failed', { cause: new Error('ECONNREFUSED') }));
    expect(error.code).to.equal('TARGET_UNREACHABLE');
    expect(error.message).to.equal(
      'cluster tokyo: get Pod a/b: https://1.2.3.4 does not answer (fetch failed: ECONNREFUSED)',
    );
    expect(error.hint).to.contain('context of its kubeconfig');
    expect(away(new Error('no')).message).to.contain('does not answer (no)');
    expect(away('text').message).to.contain('does not answer (text)');
  });

  it('leaves an error for people as it is', () => {
    const known = new KubeApiError('KUBE_API', { status: 500, reason: undefined }, 'no');
    expect(away(known)).to.equal(known);
  });
});
