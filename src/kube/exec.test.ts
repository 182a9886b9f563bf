import { expect } from 'chai';
import { KubeApiError } from './api-error.ts';
import { failedToOpen } from './exec.ts';

describe('a WebSocket that does not open', () => {
  const told = (message?: string): unknown => {
    try {
      return failedToOpen('tokyo', 'exec sh in app of pod default/web-0')(message === undefined ? {} : { message });
    } catch (error) {
      return error;
    }
  };

  it('is an answer of the API server where it gives a status', () => {
    const error = told('Unexpected server response: 403');
    expect(error).to.be.instanceOf(KubeApiError);
    expect(error).to.include({ status: 403 });
    expect((error as Error).message).to.match(/^cluster tokyo: exec sh in app of pod default\/web-0: .*403/);
  });

  it('is told in its own words where it gives none', () => {
    expect(told('connect ECONNREFUSED')).to.be.instanceOf(Error).and.not.instanceOf(KubeApiError);
    expect(told('connect ECONNREFUSED')).to.have.property('message', 'connect ECONNREFUSED');
    expect(told()).to.have.property('message', '');
  });
});
