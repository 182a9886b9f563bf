import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { routeFault } from './route-fault.ts';

const route = (fault: string) =>
  `{kind: VirtualService, metadata: {name: mockb}, spec: {hosts: [mockb], http: [{fault: ${fault}, route: [{destination: {host: mockb}}]}]}}`;

describe('route-fault', () => {
  const finds = (fault: string) => new Mesh().apply(route(fault), 'tokyo').finds(routeFault, drill());

  it('is an error where calls are aborted, a warning where they are late', () => {
    expect(finds('{abort: {httpStatus: 502}}')).to.deep.equal(['error tokyo VirtualService default/mockb']);
    expect(finds('{delay: {fixedDelay: 1s, percentage: {value: 5}}}')).to.deep.equal([
      'warning tokyo VirtualService default/mockb',
    ]);
  });

  it('is not where none is, or of no percent', () => {
    expect(finds('{abort: {httpStatus: 502, percentage: {value: 0}}}')).to.deep.equal([]);
    expect(new Mesh().finds(routeFault, drill())).to.deep.equal([]);
  });
});
