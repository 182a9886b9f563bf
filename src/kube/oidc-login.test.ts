import { expect } from 'chai';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { OidcLogin, oidcToken } from './oidc-login.ts';
import { failure } from './testing/failure.ts';

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenUntil = (end: Date): string => `${encoded({ alg: 'none' })}.${encoded({ exp: end.getTime() / 1000 })}.x`;

describe('a user of an OpenID Connect provider', () => {
  it('has one token made for all who ask, and another one when its time is over', async () => {
    const clock = virtualClock();
    const made: string[] = [];
    const ask = async () => {
      await clock.sleep(10);
      const token = tokenUntil(new Date(clock.wall().getTime() + 60_000));
      made.push(token);
      return token;
    };
    const login = new OidcLogin({ cluster: 'east', clock, ask });
    const both = await Promise.all([login.credential(), login.credential()]);
    await clock.sleep(30_000);
    const [first] = both;
    expect([...both, await login.credential()]).to.deep.equal([first, first, first]);
    expect([await login.isRenewed(first), made]).to.deep.equal([false, [first?.token]]);
    await clock.sleep(30_000);
    expect([await login.isRenewed(first), made.length]).to.deep.equal([true, 2]);
    expect(login.known?.token).to.equal(made[1]);
  });

  it('fails where it has none, and never asks as nobody', async () => {
    const login = new OidcLogin({ cluster: 'east', clock: virtualClock(), ask: async () => undefined });
    expect((await failure(login.credential())).message).to.contain('cluster east: the auth-provider oidc');
  });

  it('has the token of its kubeconfig while that is valid', async () => {
    const tokenOf = (token: string) =>
      oidcToken({ name: 'u', authProvider: { name: 'oidc', config: { 'id-token': token } } });
    const valid = tokenUntil(new Date(Date.now() + 600_000));
    expect(await tokenOf(valid)).to.equal(valid);
    expect(await tokenOf(tokenUntil(new Date(0)))).to.equal(undefined);
  });
});
