import { expect } from 'chai';
import type { Json } from '../model/scenario.ts';
import { liveSystem } from './testing/live-fixture.ts';
import { unplayedSidecar } from './unplayed-sidecar.ts';

const fieldOf = (sidecar: { readonly [field: string]: Json }) =>
  unplayedSidecar(liveSystem({ sidecar }))?.split(': ')[1];

describe('what of a Sidecar is not played', () => {
  it('is nothing of what it says of whom it is for and what that sees', () => {
    const port = { number: 8000, name: 'http', protocol: 'HTTP' };
    expect(fieldOf({})).to.equal(undefined);
    expect(
      fieldOf({
        outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
        egress: [{ hosts: ['./*'] }, { hosts: ['*/*'], port }],
      }),
    ).to.equal(undefined);
  });

  it('is any other field, wherever it stands', () => {
    const hosts = ['./*'];
    expect(fieldOf({ ingress: [] })).to.equal('spec.ingress');
    expect(fieldOf({ outboundTrafficPolicy: { egressProxy: {} } })).to.equal('outboundTrafficPolicy.egressProxy');
    expect(fieldOf({ egress: [{ hosts }, { hosts, bind: '127.0.0.1' }] })).to.equal('egress.bind');
    expect(fieldOf({ egress: [{ hosts, port: { targetPort: 1 } }] })).to.equal('port.targetPort');
  });
});
