import { expect } from 'chai';
import type { Json } from '../model/scenario.ts';
import { draw } from './draw.ts';
import { firstCalled } from './first-called.ts';
import { liveSystem, PATHS, scenarioOf } from './testing/live-fixture.ts';

const HTTP = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['mock.test'] };
const HTTPS = {
  port: { number: 443, name: 'https', protocol: 'HTTPS' },
  hosts: ['mock.test'],
  tls: { mode: 'SIMPLE', credentialName: 'mock' },
};

/** What is called first by clients of a protocol, and how many of their requests are bad. */
async function entered(protocol: 'http' | 'https', ...servers: readonly { readonly [field: string]: Json }[]) {
  const system = liveSystem();
  for (const { spec } of system.clusters.flatMap(({ gateways }) => gateways))
    Object.assign(spec as object, { servers });
  const paths = PATHS.slice(0, 1).map((path) => ({ ...path, protocol }));
  const scenario = { ...scenarioOf([]), phases: { baselineMs: 100, holdMs: 500, recoverMs: 100 } };
  const nothing = { fault: 'nothing', cluster: 'tokyo', afterMs: 0, kind: 'nothing' } as const;
  const question = { system, scenario, paths, chain: ['default/mocka'], callers: [-1], moves: [nothing], hit: [] };
  const { requests } = await draw(question, () => 0.5);
  return {
    first: firstCalled(system, scenario, paths),
    isGood: requests.length > 0 && requests.every(({ bad }) => !bad),
  };
}

describe('what is predicted of the way into the mesh', () => {
  const served = { first: ['default/mocka'], isGood: true };
  const lost = { first: undefined, isGood: false };

  it('is that of the server that speaks the protocol of the address', async () => {
    const sent = { ...HTTP, tls: { httpsRedirect: true } };
    expect(await entered('https', sent, HTTPS)).to.deep.equal(served);
    expect(await entered('http', sent, HTTPS), 'sent to HTTPS').to.deep.equal(lost);
    expect(await entered('http', HTTP, HTTPS)).to.deep.equal(served);
    expect(await entered('http', HTTPS), 'nobody listens').to.deep.equal(lost);
  });

  it('is that of plain HTTP where TLS ends before the gateway', async () => {
    expect(await entered('https', HTTP)).to.deep.equal(served);
  });
});
