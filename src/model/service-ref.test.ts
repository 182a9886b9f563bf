import { expect } from 'chai';
import { isOfRef, readServiceRef, refsNamed, SERVICE_PATTERN } from './service-ref.ts';

const CALL = { cluster: 'tokyo', namespace: 'shop', service: 'api', port: 8080 };

describe('a Service in a clause', () => {
  it('is a name, or a Service with its namespace, and with its port and its callers’ cluster where these are meant', () => {
    expect(readServiceRef('api')).to.equal(undefined);
    expect(readServiceRef('shop/api')).to.deep.equal({ namespace: 'shop', name: 'api' });
    expect(readServiceRef('shop/api:8080')).to.deep.equal({ namespace: 'shop', name: 'api', port: 8080 });
    const whole = { cluster: 'Tokyo.1', namespace: 'shop', name: 'api', port: 65535 };
    expect(readServiceRef('Tokyo.1/shop/api:65535')).to.deep.equal(whole);
    for (const wrong of [
      '',
      'a/b/c/d',
      'shop/api:0',
      'shop/api:65536',
      'shop/api:',
      'Shop/api',
      'api:80',
      '/api',
      'shop/',
    ]) {
      expect(new RegExp(SERVICE_PATTERN).test(wrong), wrong).to.equal(false);
      expect(readServiceRef(wrong), wrong).to.equal(undefined);
    }
  });

  it('takes in what is of all that it names', () => {
    const of = (text: string, call: object = {}) => {
      const ref = readServiceRef(text);
      return ref !== undefined && isOfRef(ref, { ...CALL, ...call });
    };
    for (const text of ['shop/api', 'shop/api:8080', 'tokyo/shop/api', 'tokyo/shop/api:8080']) {
      expect(of(text), text).to.equal(true);
      for (const other of [{ namespace: 'old' }, { service: 'web' }]) expect(of(text, other), text).to.equal(false);
    }
    expect(of('shop/api', { cluster: 'osaka', port: 9090 })).to.equal(true);
    expect(of('tokyo/shop/api', { cluster: 'osaka' })).to.equal(false);
    expect(of('shop/api:8080', { port: 9090 })).to.equal(false);
  });

  it('is found in a clause, and in each of a list', () => {
    const clauses = { one: { service: 'shop/api' }, some: [{ service: 'mockb' }, { service: 'shop/web:80' }], none: 3 };
    expect([...refsNamed(clauses).keys()]).to.deep.equal(['shop/api', 'shop/web:80']);
  });
});
