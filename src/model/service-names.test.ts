import { expect } from 'chai';
import { namingOf, statedService } from './service-names.ts';

describe('model/service-names', () => {
  const services = { mockb: 'shop/shop-mockb', other: 'shop/mocka' };

  it('is the stated name of a Service, or its own', () => {
    const naming = namingOf(services);
    expect(naming('shop', 'shop-mockb')).to.equal('mockb');
    expect(naming('shop', 'mocka')).to.equal('other');
    expect(naming('default', 'shop-mockb')).to.equal('shop-mockb');
    expect(naming('default', 'mocka')).to.equal('mocka');
  });

  it('takes no Service for another that its name is stated of', () => {
    expect(namingOf(services)('default', 'mockb')).to.equal('default/mockb');
    expect(namingOf(services)('shop', 'other')).to.equal('shop/other');
    expect(namingOf({})('shop', 'constructor')).to.equal('constructor');
    expect(statedService({}, 'constructor')).to.equal(undefined);
  });
});
