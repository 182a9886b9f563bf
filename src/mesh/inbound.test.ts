import { expect } from 'chai';
import { appDown } from './inbound.ts';
import { seeded } from './testing/fixtures.ts';

/** How long each of many refusals takes, under a virtual clock. */
async function refusals(istio: '1.31' | '1.23'): Promise<{ bodies: Set<string>; took: number[] }> {
  const random = seeded(7);
  const bodies = new Set<string>();
  const took: number[] = [];
  for (let count = 0; count < 500; count += 1) {
    let ms = 0;
    const sleep = async (wait: number): Promise<void> => {
      ms += wait;
    };
    const { status, body } = await appDown({ istio, random, sleep });
    expect(status).to.equal(503);
    bodies.add(body);
    took.push(ms);
  }
  return { bodies, took: took.sort((a, b) => a - b) };
}

describe('a sidecar whose application refuses', () => {
  it('tries twice more, with jitter below 25 and 50 ms, before it says 503', async () => {
    const { bodies, took } = await refusals('1.31');
    expect([...bodies]).to.deep.equal([
      'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure',
    ]);
    expect(took[0]).to.be.below(10);
    expect(took[250]).to.be.within(30, 45);
    expect(took[499]).to.be.within(60, 73);
  });

  it('says so at once up to 1.23', async () => {
    const { bodies, took } = await refusals('1.23');
    expect([...bodies]).to.deep.equal([
      'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure',
    ]);
    expect(took[499]).to.equal(0);
  });
});
