import { expect } from 'chai';
import type { Endpoint } from '../../model/target.ts';
import { findingOf } from '../testing/handmade.ts';
import type { HistoryBuilder } from '../testing/history-builder.ts';
import { always, type Draw } from '../testing/holds.ts';
import { rewritten } from '../testing/reroute.ts';
import { B, C, observed, settled } from '../testing/spills.ts';
import { type Story, type Told, told } from '../testing/told.ts';
import { endpointsOf, ORDER } from '../testing/world.ts';

type Place = { readonly zone: string; readonly ip: string };

/** Home until the effect at 10.2 s and after 32 s, and in north-c between, with nothing from north-b. */
const skipping: Story = (t, seq) => (t >= 10.5 && t < 32 ? C : settled(() => C)(t, seq));

/** The verdict on the order of mockb from north-a, whose callers skip north-b. */
async function skipped({ rate, seed }: Draw, run: Omit<Told, 'expect'>) {
  const stories = { 'north-a': skipping, ...run.stories };
  const { result } = await told({ rate, seed, ...run, stories, expect: { failoverOrder: [ORDER] } });
  return findingOf(result, 'failoverOrder/mockb/north-a').verdict;
}

/** The pods of south-h have the addresses of those of north-b, or not. */
function sharing(isShared: boolean): Pick<Told, 'events' | 'records'> {
  const moved = <T extends Place>(pod: T): T =>
    isShared && pod.zone === 'south-h' ? { ...pod, ip: pod.ip.replace(/\.3\.(\d+)$/, '.1.$1') } : pod;
  return {
    events: (history: HistoryBuilder) =>
      void history.at(2e5, { type: 'endpoints', cluster: 'osaka', endpoints: endpointsOf('osaka').map(moved) }),
    records: (all) => rewritten(all, moved),
  };
}

/** Requests through the gateway of north-b, the second path, are left out. */
const withoutOwn: NonNullable<Told['records']> = (all) => all.filter(({ path }) => path !== 1);

/** The pods of mockb in north-b are of another namespace. */
const foreign = (endpoint: Endpoint): readonly Endpoint[] =>
  endpoint.zone === 'north-b' ? [{ ...endpoint, namespace: 'another' }] : [endpoint];

describe('rules: which pods a place has (docs/verdict.md, section 7)', () => {
  it('O3 tells pods apart by address and zone: another cluster may use the same addresses', () =>
    always(
      async (draw) => {
        for (const isShared of [false, true]) {
          const verdictWith = (other: Story) => skipped(draw, { ...sharing(isShared), stories: { 'north-b': other } });
          expect(await verdictWith(() => C), 'dead').to.equal('pass');
          expect(await verdictWith(() => B), 'able').to.equal('fail');
        }
      },
      { rates: [20, 50], runs: 3 },
    ));

  it('O3 counts no pod of a namespace of which none answered and none was hit', () =>
    always(
      async (draw) => {
        const events = observed(0.2, foreign);
        expect(await skipped(draw, { events, records: withoutOwn })).to.equal('pass');
        expect(await skipped(draw, { records: withoutOwn }), 'of the same namespace').to.equal('fail');
        expect(await skipped(draw, { events }), 'it answers callers of its own zone').to.equal('fail');
      },
      { rates: [20, 50], runs: 3 },
    ));
});
