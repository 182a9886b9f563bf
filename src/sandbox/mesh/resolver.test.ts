import { expect } from 'chai';
import type { Fate } from '../nodes/packet-filter.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Resolver } from './resolver.ts';

const PATIENT = new AbortController().signal;

function started() {
  const clock = new ManualClock();
  const asked: string[] = [];
  const now: { fate: Fate } = { fate: 'carried' };
  const network = {
    fate: (...[from, , port, , protocol]: Parameters<ConstructorParameters<typeof Resolver>[0]['network']['fate']>) => {
      asked.push(`${from} ${protocol} ${port}`);
      return now.fate;
    },
  };
  const resolver = new Resolver({ ip: '10.0.0.1', network, clock, random: () => 1 });
  return { clock, asked, now, find: (name = 'mockb') => resolver.finds(name, PATIENT) };
}

describe('names that an application calls', () => {
  it('are asked for over UDP, and not again while it keeps calling', async () => {
    const { asked, clock, now, find } = started();
    expect(await find()).to.equal(true);
    expect(asked).to.deep.equal(['10.0.0.1 udp 53']);
    now.fate = 'refused';
    await clock.advance(80_000);
    expect(await find(), 'its connection is kept').to.equal(true);
    await clock.advance(80_000);
    expect(await find()).to.equal(true);
    await clock.advance(90_000);
    expect(await find(), 'its connection has gone').to.equal(false);
    expect([await find('mockc'), await find('10.0.0.7')]).to.deep.equal([false, true]);
  });

  it('are asked for twice where nothing is heard, and then not found', async () => {
    const { asked, clock, now, find } = started();
    now.fate = 'dropped';
    let found: boolean | undefined;
    void find().then((result) => {
      found = result;
    });
    await clock.advance(9_999);
    expect([found, asked.length]).to.deep.equal([undefined, 2]);
    await clock.advance(1);
    expect(found).to.equal(false);
    void find().then((result) => {
      found = result;
    });
    now.fate = 'carried';
    await clock.advance(5_000);
    expect(found, 'the second time it was heard').to.equal(true);
  });
});
