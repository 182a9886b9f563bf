import { expect } from 'chai';
import type { FaultHeader } from '../../model/history.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import { findingOf } from '../testing/handmade.ts';
import { always, type Draw } from '../testing/holds.ts';
import type { Raw } from '../testing/record-file.ts';
import { B, C, FAR, mixed, settled } from '../testing/spills.ts';
import { type Story, second, told } from '../testing/told.ts';
import { endpointsOf, faultOn, ipOf, ORDER } from '../testing/world.ts';

const ID = 'failoverOrder/mockb/north-a';

/** A later fault takes all pods of a service in south-k away. */
const on = (service: string): FaultHeader => ({
  ...faultOn('south-k'),
  name: `${service}-south-k`,
  affected: endpointsOf('osaka').filter((pod) => pod.service === service && pod.zone === 'south-k'),
});

type Later = {
  readonly service?: string;
  readonly order?: FailoverOrder;
  readonly story: Story;
  readonly records?: (all: Raw[]) => Raw[];
};

/** A run with a second fault at a time: everything that is found of the order in its stage, if anything is. */
async function later({ rate, seed, at }: Draw, { service = 'mockc', order = ORDER, story, records }: Later) {
  const header = on(service);
  const south: Story = (t) => (t >= at + 0.2 && t < 32 ? FAR : undefined);
  const { result } = await told({
    rate,
    seed,
    headers: [header],
    events: second(header.name, at, 0.2),
    stories: { 'north-a': settled(story), 'south-k': south },
    expect: { failoverOrder: [order] },
    ...(records !== undefined && { records }),
  });
  expect(findingOf(result, ID).verdict).to.equal('pass');
  return result.findings.find(({ id }) => id === `${ID}/stage-2`);
}

describe('rules: failover order in later stages (docs/verdict.md, O1)', () => {
  /** Next door until some time after the second fault. */
  const leaving =
    (at: number, place: Story): Story =>
    (t, seq) =>
      t < at + 1.5 ? B : place(t, seq);

  it('O1 holds in a stage whose new fault is of another service, as long as the older one is on', () =>
    always(
      async (draw) => {
        const verdictWith = async (place: Story) => (await later(draw, { story: leaving(draw.at, place) }))?.verdict;
        expect(await verdictWith(() => B)).to.equal('pass');
        expect(await verdictWith(() => C)).to.equal('fail');
        expect(await verdictWith(mixed([B, 55], [FAR, 45]))).to.equal('fail');
      },
      { from: 18, to: 22, rates: [20, 50] },
    ));

  it('O1 holds in a stage whose new fault is of a place that the order does not have', () =>
    always(
      async (draw) => {
        const order = { ...ORDER, order: ORDER.order.slice(0, 1) };
        const verdictWith = async (place: Story) =>
          (await later(draw, { service: 'mockb', order, story: leaving(draw.at, place) }))?.verdict;
        expect(await verdictWith(() => B)).to.equal('pass');
        expect(await verdictWith(() => FAR)).to.equal('fail');
      },
      { from: 18, to: 22, rates: [20, 50] },
    ));

  it('O1 need not be shown again where only an older fault asks for it', () =>
    always(
      async (draw) => {
        const verdictWith = async (service: string) => (await later(draw, { service, story: () => B }))?.verdict;
        expect(await verdictWith('mockc')).to.equal('pass');
        expect(await verdictWith('mockb'), 'a declared place').to.equal('inconclusive');
      },
      { from: 27.5, to: 28, rates: [10] },
    ));

  it('O1 leaves strays of a later stage open that may be chance', () =>
    always(
      async (draw) => {
        const story = leaving(draw.at, mixed([B, 83], [FAR, 17]));
        const found = await later(draw, { story });
        expect(found?.verdict).to.equal('inconclusive');
        expect(found?.cause).to.match(/may be too little, or chance$/);
      },
      { from: 18, to: 22, rates: [20] },
    ));

  it('O1 is silent of a later stage in which nobody called, and open where calls failed', () =>
    always(
      async (draw) => {
        const { at } = draw;
        /** The callers themselves are next door from the second fault on. */
        const moved = (all: Raw[]): Raw[] =>
          all.map((one) => {
            if (one.path !== 0 || one.start < at * 1e6 || one.start >= 32e6) return one;
            const hops = ['mocka', 'mockb', 'mockc'].map((service) => {
              return { service, zone: 'north-b', ip: ipOf(service, 'north-b', 0) };
            });
            return { ...one, status: 200, end: one.start + 4000, chain: { hops, rest: '' } };
          });
        expect(await later(draw, { story: () => B, records: moved })).to.equal(undefined);
        const nobody = await later(draw, { story: (t) => (t < at + 1.5 ? B : 'nobody') });
        expect(nobody?.verdict).to.equal('inconclusive');
      },
      { from: 18, to: 22, rates: [20, 50] },
    ));
});
