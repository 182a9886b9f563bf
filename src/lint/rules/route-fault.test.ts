import { expect } from 'chai';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { routeFault } from './route-fault.ts';

const route = (fault: string) =>
  `{kind: VirtualService, metadata: {name: mockb}, spec: {hosts: [mockb], http: [{fault: ${fault}, route: [{destination: {host: mockb}}]}]}}`;

describe('route-fault', () => {
  const finds = (fault: string) => new Mesh().apply(route(fault), 'tokyo').finds(routeFault, drill());

  it('is an error where calls are aborted, a warning where they are late', () => {
    expect(finds('{abort: {httpStatus: 502, percentage: {value: 100}}}')).to.deep.equal([
      'error tokyo VirtualService default/mockb',
    ]);
    expect(finds('{delay: {fixedDelay: 1s, percentage: {value: 5}}}')).to.deep.equal([
      'warning tokyo VirtualService default/mockb',
    ]);
  });

  it('says how many of the calls, where it is not all of them', () => {
    const said = (fault: string) =>
      lint(new Mesh().apply(route(fault), 'tokyo').system(drill()), [routeFault]).findings.map(({ what }) => what);
    const all = '{abort: {httpStatus: 502, percentage: {value: 100}}}';
    expect(said(all)).to.have.length(1);
    expect(said(all)[0]).to.match(/^Of the calls of .*, all are aborted on purpose/);
    const some = '{abort: {httpStatus: 502, percentage: {value: 2.5}}, delay: {fixedDelay: 1s, percent: 30}}';
    expect(said(some)[0]).to.match(/, 2.5 % are aborted and 30 % are delayed on purpose/);
  });

  it('is not where none is, or of no percent', () => {
    expect(finds('{abort: {httpStatus: 502}, delay: {fixedDelay: 1s}}')).to.deep.equal([]);
    expect(finds('{abort: {httpStatus: 502, percentage: {value: 0}}}')).to.deep.equal([]);
    expect(new Mesh().finds(routeFault, drill())).to.deep.equal([]);
  });
});
