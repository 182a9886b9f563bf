import { expect } from 'chai';
import { withoutUser } from './without-user.ts';

describe('an address for people', () => {
  const SHOWN: readonly (readonly [url: string, shown: string])[] = [
    ['http://joe:srvPassw0rd@127.0.0.1:46003', 'http://127.0.0.1:46003'],
    ['https://joe@api.example:6443/k8s/a@b?x=c@d', 'https://api.example:6443/k8s/a@b?x=c@d'],
    ['https://joe:p@ss@api.example:6443', 'https://api.example:6443'],
    ['https://joe:pa/ss#w@rd@api.example:6443/x', 'https://api.example:6443/x'],
    ['HTTPS://:p@[::1]:6443', 'HTTPS://[::1]:6443'],
  ];
  for (const [url, shown] of SHOWN) it(`has no user: ${url}`, () => expect(withoutUser(url)).to.equal(shown));

  it('in a sentence stays the sentence', () => {
    expect(withoutUser('ask `redis://:pw@db:1/0`, or "https://joe:p@api" of a@b.example')).to.equal(
      'ask `redis://db:1/0`, or "https://api" of a@b.example',
    );
  });

  for (const url of [
    'https://api.example:6443',
    'https://api.example/a@b',
    'https://api.example:6443/a@b',
    'api.example:6443',
    '',
  ]) {
    it(`stays as it is without one: ${url}`, () => expect(withoutUser(url)).to.equal(url));
  }
});
