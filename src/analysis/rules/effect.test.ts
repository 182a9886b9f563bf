import { expect } from 'chai';
import fc from 'fast-check';
import type { Verdict } from '../../model/finding.ts';
import type { FaultHeader, HistoryEvent } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import type { Expectations } from '../../model/scenario.ts';
import { findingOf, type Handmade, judged } from '../testing/handmade.ts';
import type { HistoryBuilder } from '../testing/history-builder.ts';
import { always } from '../testing/holds.ts';
import { allRead, counter } from '../testing/proxies.ts';
import type { Raw } from '../testing/record-file.ts';
import { answered, type Server, withoutAddresses } from '../testing/reroute.ts';
import { failing, HOME, micros, type Story, second, switched, told } from '../testing/told.ts';
import { endpointsOf, faultOn, ORDER, pathOf, ZONES } from '../testing/world.ts';

const NAME = 'mockb-north-a';

const effectOf = (result: RunResult, name = NAME) => findingOf(result, `faultEffect/${name}`);

/** A look of the runner at the fault. */
const look =
  (step: 'proven' | 'not-proven', t: number) =>
  (history: HistoryBuilder): void =>
    void history.at(micros(t), { type: 'fault', fault: NAME, step });

/** A history without the steps of one kind. */
const without =
  (step: string) =>
  (events: HistoryEvent[]): HistoryEvent[] =>
    events.filter((event) => event.type !== 'fault' || event.step !== step);

const STORIES = { 'north-a': failing(10.2, [10.2, 10.5]) };

describe('rules: did the fault bite? (docs/verdict.md, section 6)', () => {
  it('F1 establishes a fault that was acknowledged, proven, never seen off, and whose pods stopped', async () => {
    for (const zone of ZONES) {
      for (const pods of [1, 2]) {
        const place = ZONES[(ZONES.indexOf(zone) + 1) % ZONES.length] as string;
        const own = (t: number): Server => ({ zone: t < 10.2 || t >= 32 ? zone : place });
        const result = await judged({
          fault: faultOn(zone, pods),
          callers: {},
          records: (all) => answered(all, zone, (t) => (t >= 10.2 && t < 10.5 ? 'nobody' : own(t))),
        });
        expect(effectOf(result, `mockb-${zone}`).verdict, zone).to.equal('pass');
      }
    }
  });

  for (const [step, cause] of [
    ['requested', 'when it was injected is lost from the history'],
    ['acknowledged', 'its injection was never acknowledged'],
    ['proven', 'the run ended before it was proven'],
  ] as const) {
    it(`F1 does not establish a fault without ${step} in the history`, () =>
      always(async ({ rate, seed }) => {
        const { result } = await told({ rate, seed, stories: STORIES, history: without(step) });
        expect(effectOf(result)).to.deep.include({ verdict: 'inconclusive', cause });
      }));
  }

  it('F1 does not establish a fault that could not be proven', () =>
    always(async ({ rate, seed }) => {
      const { result } = await told({ rate, seed, stories: STORIES, effective: null });
      expect(effectOf(result)).to.deep.include({
        verdict: 'inconclusive',
        cause: 'it could not be proven: nothing changed',
      });
    }));

  it('F1 does not establish a fault that was seen off at any time between its proof and its undo, even if it came back', () =>
    always(
      async ({ rate, seed, at }) => {
        for (const back of [false, true]) {
          const events = (history: HistoryBuilder): void => {
            look('not-proven', at)(history);
            if (back) look('proven', at + 0.05)(history);
          };
          const { result } = await told({ rate, seed, stories: STORIES, events });
          expect(effectOf(result)).to.deep.include({ verdict: 'inconclusive', title: `${NAME} did not stay on` });
        }
      },
      { from: 10.601, to: 29.9 },
    ));

  it('F1 forgives a look that came before the proof, and one that came after the undo was asked for', () =>
    always(
      async ({ rate, seed, at }) => {
        for (const t of [10 + (at - 29) / 2, at + 1.001]) {
          const { result } = await told({ rate, seed, stories: STORIES, events: look('not-proven', t) });
          expect(effectOf(result).verdict).to.equal('pass');
        }
      },
      { from: 29, to: 30 },
    ));

  it('F2 is contradicted by a single answer of an affected pod, good or bad, from two seconds after the proof to the undo', () =>
    always(
      async ({ rate, seed, at }) => {
        const answering = async (t: number, status: number) => {
          const seq = Math.ceil(t * rate);
          const own: Story = (time, number) => (number === seq ? HOME : failing(10.2, [10.2, 10.5])(time, number));
          const records = (all: readonly Raw[]): Raw[] =>
            all.map((one) => (one.path === 0 && one.seq === seq ? { ...one, status } : one));
          return effectOf((await told({ rate, seed, stories: { 'north-a': own }, records })).result);
        };
        for (const status of [200, 503]) {
          expect((await answering(at, status)).cause).to.match(
            /^the requests contradict the proof: .* answered 1 time /,
          );
        }
        expect((await answering(10.6 + (at - 12.6) / 10, 200)).verdict).to.equal('pass');
        expect((await answering(30 + (at - 12.6) / 10, 200)).verdict).to.equal('pass');
      },
      { from: 12.601, to: 29.8 },
    ));

  it('F2 holds pods that a fault hit later to the time after that, and T1 does not wait for them', () =>
    always(async ({ rate, seed, at }) => {
      const [first, later] = faultOn('north-a').affected;
      const restarts = { ...faultOn('north-a'), signature: 'restarts', affected: first === undefined ? [] : [first] };
      const verdictWith = async (last: number) => {
        const own: Story = (t) => (t < 10.2 ? HOME : { zone: t < last ? 'north-a' : 'north-b', pod: 1 });
        const events = (history: HistoryBuilder): void => {
          const affected = later === undefined ? [] : [later];
          history.at(micros(at), { type: 'fault', fault: NAME, step: 'went-on', affected });
        };
        const fault = restarts as FaultHeader;
        const { result } = await told({ rate, seed, fault, events, stories: { 'north-a': own } });
        expect(result.zeroFrom).to.be.below(10.2e6);
        return effectOf(result).verdict;
      };
      expect(await verdictWith(at)).to.equal('pass');
      expect(await verdictWith(at + 1.9)).to.equal('pass');
      expect(await verdictWith(at + 2.5)).to.equal('inconclusive');
    }));

  it('F2 does not take the new owner of an address for the pod that had it', () =>
    always(async ({ rate, seed, at }) => {
      const fault = { ...faultOn('north-a'), signature: 'restarts' as const };
      const renamed = endpointsOf('tokyo').map((e) => (e.zone === 'north-a' ? { ...e, pod: `${e.pod}-new` } : e));
      const verdictWith = async (isReused: boolean) => {
        const events = (history: HistoryBuilder): void => {
          if (isReused) history.at(micros(at), { type: 'endpoints', cluster: 'tokyo', endpoints: renamed });
        };
        const stories = { 'north-a': switched(10.2, at) };
        return effectOf((await told({ rate, seed, fault, events, stories })).result).verdict;
      };
      expect(await verdictWith(true)).to.equal('pass');
      expect(await verdictWith(false)).to.equal('inconclusive');
    }));

  it('F2 an address that another pod gets later, or one of another service, excuses no answer of the pod that had it', () =>
    always(async ({ rate, seed }) => {
      const taken = (change: { service?: string }) =>
        endpointsOf('tokyo').map((e) => (e.zone === 'north-a' ? { ...e, ...change, pod: `${e.pod}-new` } : e));
      const verdictWith = async (t: number, endpoints: ReturnType<typeof taken>) => {
        const events = (history: HistoryBuilder): void => {
          history.at(micros(t), { type: 'endpoints', cluster: 'tokyo', endpoints });
        };
        // The fault never bit: its pods go on serving.
        return effectOf((await told({ rate, seed, events, stories: {} })).result).verdict;
      };
      expect(await verdictWith(44, taken({})), 'after the undo').to.equal('inconclusive');
      expect(await verdictWith(13, taken({ service: 'other' })), 'another service').to.equal('inconclusive');
    }));

  it('F2 knows affected pods by their place where answers have no addresses and every pod there was hit', () =>
    always(async ({ rate, seed, at }) => {
      const verdictWith = async (pods: number) => {
        const run = { rate, seed, fault: faultOn('north-a', pods), records: withoutAddresses };
        return effectOf((await told({ ...run, stories: { 'north-a': switched(10.2, at) } })).result).verdict;
      };
      expect(await verdictWith(2)).to.equal('inconclusive');
      expect(await verdictWith(1)).to.equal('pass');
    }));

  it('F3 says nothing about pods that served no request before the fault, whatever the cluster showed', () =>
    always(async ({ rate, seed, at }) => {
      for (const signature of ['stops-serving', 'restarts'] as const) {
        // The pods of north-a begin to serve only after the injection was requested.
        const own: Story = (t) => ({ zone: t >= 10.01 && t < at ? 'north-a' : 'north-b' });
        const run = { rate, seed, effective: at, times: { proven: at + 0.1 } };
        const { result } = await told({
          ...run,
          fault: { ...faultOn('north-a'), signature },
          stories: { 'north-a': own },
        });
        expect(effectOf(result)).to.deep.include({
          verdict: 'inconclusive',
          cause: 'no request had been served by its pods, so the requests say nothing about this fault',
        });
      }
    }));

  it('F3 needs answers that were theirs for certain where only requests can show the effect', () =>
    always(async ({ rate, seed }) => {
      const verdictWith = async (records: (all: readonly Raw[]) => Raw[]) => {
        const events = (history: HistoryBuilder): void =>
          void history.at(10.7e6, { type: 'fault', fault: NAME, step: 'proven', observed: false });
        const run = { rate, seed, fault: faultOn('north-a', 1), effective: null, events, records, stories: STORIES };
        return effectOf((await told(run)).result).verdict;
      };
      expect(await verdictWith((all) => [...all])).to.equal('pass');
      expect(await verdictWith(withoutAddresses)).to.equal('inconclusive');
    }));

  it('F3 says nothing about a gateway whose path carried no good request before', () =>
    always(async ({ rate, seed }) => {
      const gateway = { cluster: 'tokyo', namespace: 'istio-system', zone: 'north-a', ip: '10.9.9.9' };
      const affected = [{ ...gateway, workload: 'istio-ingressgateway', pod: 'gw-a' }];
      const verdictWith = async (own: Story) => {
        const fault = { ...faultOn('north-a'), affected };
        return effectOf((await told({ rate, seed, fault, stories: { 'north-a': own } })).result).verdict;
      };
      expect(await verdictWith((t) => (t < 10.2 ? HOME : 'nobody'))).to.equal('pass');
      expect(await verdictWith(() => 'nobody')).to.equal('inconclusive');
      expect(await verdictWith(() => HOME)).to.equal('inconclusive');
    }));

  describe('F4', () => {
    const EXPECT: Partial<Expectations> = {
      failoverOrder: [ORDER],
      errorBudget: { perPath: 20, perCaller: 20, ratio: 0.05 },
      unaffected: { except: [{ zone: 'north-a' }] },
      ejections: [{ service: 'mockb', atLeast: 1 }],
      failback: { withinMs: 5000 },
    };
    const RESTING = ['failoverOrder', 'recoveryTime', 'errorBudget', 'unaffected', 'ejections', 'failback'];
    const ejected = (enforced: number) => (history: HistoryBuilder) => {
      allRead(history);
      counter(history, [
        [0.6, 0],
        [11, enforced],
      ]);
    };
    const KEPT: Handmade & { stories: Record<string, Story> } = { events: ejected(2), stories: STORIES };
    const BROKEN: typeof KEPT = {
      events: ejected(0),
      stories: {
        'north-a': (t) => (t < 10.2 ? HOME : t < 18 ? 'nobody' : { zone: 'south-h' }),
        'north-b': (t) => (t > 12 && t < 18 ? 'nobody' : undefined),
      },
    };
    const DOUBTS: Readonly<Record<string, Handmade>> = {
      'not proven': { effective: null },
      'not acknowledged': { history: without('acknowledged') },
      'seen off': { events: look('not-proven', 25) },
      'still answering': {
        records: (all) => answered(all, 'north-a', (t) => (t > 28 && t < 28.2 ? HOME : undefined)),
      },
      'not seen before': {
        fault: {
          ...faultOn('north-a'),
          affected: faultOn('north-a').affected.map((pod) => ({ ...pod, ip: '10.99.0.1' })),
        },
      },
    };

    async function verdictsOf(run: typeof KEPT, doubt: Handmade, seed: number): Promise<Map<string, Set<Verdict>>> {
      const events = (history: HistoryBuilder): void => {
        run.events?.(history);
        doubt.events?.(history);
      };
      const { result } = await told({ seed, expect: EXPECT, ...run, ...doubt, events });
      const groups = Map.groupBy(result.findings, ({ objective }) => objective as string);
      return new Map(RESTING.map((name) => [name, new Set(groups.get(name)?.map(({ verdict }) => verdict))]));
    }

    const seeds = fc.integer({ min: 1, max: 1000 });

    it('F4 judges a fault that is established', async () => {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          for (const [name, verdicts] of await verdictsOf(KEPT, {}, seed)) {
            expect([...verdicts], name).to.deep.equal(['pass']);
          }
          for (const [name, verdicts] of await verdictsOf(BROKEN, {}, seed)) {
            expect([...verdicts], name).to.include('fail');
          }
        }),
        { numRuns: 3, seed: 1 },
      );
    });

    for (const [doubt, run] of Object.entries(DOUBTS)) {
      it(`F4 passes nothing and blames nothing on a fault that is ${doubt}`, async () => {
        await fc.assert(
          fc.asyncProperty(seeds, fc.constantFrom(KEPT, BROKEN), async (seed, story) => {
            for (const [name, verdicts] of await verdictsOf(story, run, seed)) {
              expect([...verdicts], name).to.deep.equal(['inconclusive']);
            }
          }),
          { numRuns: 4, seed: 2 },
        );
      });
    }

    it('F4 does not say that nobody left home under a fault that is not proven', () =>
      always(async ({ rate, seed }) => {
        const { result } = await told({
          rate,
          seed,
          fault: faultOn('north-a', 1),
          effective: null,
          expect: { failback: { withinMs: 5000 } },
        });
        const verdicts = result.findings.filter(({ objective }) => objective === 'failback').map((one) => one.verdict);
        expect(verdicts).to.deep.equal(['inconclusive']);
      }));

    it('F4 doubts a stage for each of the faults that are on, and no earlier stage', () =>
      always(
        async ({ rate, seed, at }) => {
          const late = faultOn('north-b');
          const own = (t: number): Server => ({
            zone: t < 10.2 || t > 32 ? 'north-a' : t < at ? 'north-b' : 'north-c',
          });
          const other = (t: number): Server => ({ zone: t < at || t > 32 ? 'north-b' : 'north-c' });
          const verdictsWith = async (name: string) => {
            const events = (history: HistoryBuilder): void => {
              second(late.name, at, 0.2)(history);
              history.at(micros(at + 3), { type: 'fault', fault: name, step: 'not-proven' });
            };
            const stories = { 'north-a': own, 'north-b': other };
            const { result } = await told({ rate, seed, headers: [late], stories, events });
            const id = `recoveryTime/${pathOf('north-a')}`;
            return [id, `${id}/stage-2`].map((one) => findingOf(result, one).verdict);
          };
          expect(await verdictsWith(late.name)).to.deep.equal(['pass', 'inconclusive']);
          expect(await verdictsWith(NAME)).to.deep.equal(['inconclusive', 'inconclusive']);
        },
        { from: 16, to: 20 },
      ));
  });
});
