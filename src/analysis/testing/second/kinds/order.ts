import type { Drill, DrillOptions } from '../drill.ts';
import { moveTo, outage, reroute, zonesOf } from '../edits.ts';
import { orderOf } from '../expect.ts';
import { SECOND } from '../fault.ts';
import { broken, doubtful, drill, kind, RIGHT, UNPROVEN } from '../finish.ts';
import type { Kind } from '../truth.ts';
import { clauses, first, ownPath, RECOVERY, WIDE } from './common.ts';

/** Declares the order with these least shares, home first where one is given for it. */
function declare(made: Drill, share: number, home?: number): Drill {
  const [order] = orderOf(made, first(made));
  if (order === undefined) throw new Error('no order in this world');
  const places = order.order.map(({ place }) => ({ place, shareAtLeast: share }));
  const own = home === undefined ? [] : [{ place: { zone: first(made).zone }, shareAtLeast: home }];
  return clauses(made, { failoverOrder: [{ ...order, order: [...own, ...places] }] });
}

/** Sends the hit zone's calls to another zone. */
function stray(made: Drill, zone: number, from: number, to: number, share = 1): number {
  const { service, zone: caller } = first(made);
  return reroute(made, { service, caller, from, to, place: zonesOf(made)[zone] ?? '', share });
}

const LONG = { rate: 40, holdMs: 24_000 };

/** Next door one of two pods is not ready for most of the hold. */
const HALF_READY_NEXT: DrillOptions['hosts'] = (hosts, { faults, undo }) => {
  const next = hosts.filter(({ pod }) => pod.service === faults[0]?.service && pod.zone === 'nordland-2');
  const from = (faults[0]?.effect ?? 0) + 20_000;
  return hosts.map((host) => (host === next[0] ? { ...host, unready: [from, undo + SECOND] as const } : host));
};

/** O: failover order. */
export const ORDER_KINDS: readonly Kind[] = [
  kind('out-of-order-everything', 'O2', 'all calls go to the far region while the next zone is well', (rng) => {
    const made = drill(rng, LONG);
    stray(made, 2, first(made).effect, first(made).back);
    return { drill: made, truth: broken(['failoverOrder', 'unaffected'], { mustFail: ['failoverOrder'] }) };
  }),
  kind('half-to-the-far-region', 'O2', 'half of the calls go to the far region', (rng) => {
    const made = drill(rng, LONG);
    stray(made, 3, first(made).effect, first(made).back, 0.5);
    return { drill: made, truth: broken(['failoverOrder', 'unaffected'], { mustFail: ['failoverOrder'] }) };
  }),
  kind(
    'capacity-spill',
    'O2',
    'home keeps its 70 %; the 30 % that spill go to the far region, not next door',
    (rng) => {
      const made = declare(drill(rng, { ...LONG, pods: 2, faults: [{ count: 1 }] }), 0.9, 0.55);
      const { service, zone, effect, back } = first(made);
      const next = zonesOf(made)[1];
      const far = made.world.pods.filter((pod) => pod.service === service && pod.zone === zonesOf(made)[2]);
      for (const r of made.requests) {
        const hops = r.chain?.hops ?? [];
        const i = hops.findIndex((hop) => hop.service === service);
        if (r.start < effect || r.start >= back || r.chain === undefined) continue;
        if (hops[i]?.zone !== next || hops[i - 1]?.zone !== zone) continue;
        moveTo(made, r, i, rng.pick(far));
      }
      return { drill: made, truth: broken(['failoverOrder', 'unaffected'], { mustFail: ['failoverOrder'] }) };
    },
  ),
  kind(
    'spill-that-no-rule-explains',
    'O2',
    'one of four pods is gone: home should keep all, and half leaves',
    (rng) => {
      const made = declare(drill(rng, { ...LONG, pods: 4, faults: [{ count: 1 }] }), 0.9, 0.9);
      stray(made, 1, first(made).effect, first(made).back, 0.5);
      return { drill: made, truth: broken(['failoverOrder']) };
    },
  ),
  kind(
    'wrong-order-in-the-shorter-part',
    'O1',
    'the last two fifths of the hold are served by the far region',
    (rng) => {
      const made = drill(rng, LONG);
      stray(made, 2, made.times.undo - 9 * SECOND, first(made).back);
      return { drill: made, truth: broken(['failoverOrder', 'unaffected'], { mustFail: ['failoverOrder'] }) };
    },
  ),
  kind(
    'far-region-in-the-middle-of-the-hold',
    'O1',
    'six seconds in the middle are served by the far region',
    (rng) => {
      const made = drill(rng, LONG);
      stray(made, 2, made.times.hold + 8 * SECOND, made.times.hold + 14 * SECOND);
      return { drill: made, truth: doubtful(['failoverOrder', 'unaffected']) };
    },
  ),
  kind('out-of-order-first', 'O5', 'the far region serves the first three seconds, then the next zone', (rng) => {
    const made = drill(rng, LONG);
    const { effect } = first(made);
    stray(made, 2, effect, effect + 3 * SECOND);
    return { drill: made, truth: doubtful(['failoverOrder', 'unaffected'], { mustNotPass: ['failoverOrder'] }) };
  }),
  kind(
    'wrong-order-until-another-path-recovers',
    'O1',
    'the far region serves for six seconds, as long as another path of the zone is down',
    (rng) => {
      const made = clauses(drill(rng, { ...LONG, requests: 2 }), {
        errorBudget: WIDE,
        recoveryTime: { ...RECOVERY, withinMs: 10_000 },
      });
      const { effect, service, zone } = first(made);
      reroute(made, { service, caller: zone, from: effect, to: effect + 7 * SECOND, place: zonesOf(made)[2] ?? '' });
      outage(made, effect, effect + 7 * SECOND, 'status', [4]);
      return { drill: made, truth: doubtful(['failoverOrder', 'unaffected'], { mustNotPass: ['failoverOrder'] }) };
    },
  ),
  kind(
    'wrong-order-in-the-second-stage',
    'O1',
    'the first stage is right, in the second one calls cross to the other region',
    (rng) => {
      const made = drill(rng, { rate: 40, faults: [{}, { zone: 2, service: 1, afterMs: 12_000 }], holdMs: 16_000 });
      const second = made.faults[1];
      const caller = second?.zone ?? '';
      const span = { from: second?.effect ?? 0, to: second?.back ?? 0 };
      reroute(made, {
        service: second?.service ?? '',
        caller,
        ...span,
        place: zonesOf(made)[1] ?? '',
      });
      return { drill: made, truth: broken(['failoverOrder', 'unaffected'], { mustFail: ['failoverOrder'] }) };
    },
  ),
  kind('nothing-took-over', 'O6', 'calls of the hit service fail for the whole hold', (rng) => {
    const made = clauses(drill(rng), { errorBudget: WIDE, recoveryTime: RECOVERY });
    outage(made, first(made).effect, first(made).back, 'chain', [ownPath(made)]);
    return { drill: made, truth: broken(['failoverOrder', 'recoveryTime', 'wayHome']) };
  }),
  kind(
    'unready-next-door-as-told-by-1-31',
    'O2',
    'one of two pods next door is not ready: 70 % there and 30 % far is Istio 1.31’s rule',
    (rng) => {
      const made = declare(drill(rng, { ...LONG, pods: 2, mesh: 'istio 1.31.0', hosts: HALF_READY_NEXT }), 0.55);
      const truth = { ...UNPROVEN, verdicts: ['pass', 'inconclusive'] as const };
      return {
        drill: clauses(made, { unaffected: { except: [{ region: 'nordland' }, { region: 'suedmark' }] } }),
        truth,
      };
    },
  ),
  kind('unready-next-door-version-unknown', 'O2', 'the same without a version: both rules are allowed', (rng) => {
    const made = declare(drill(rng, { ...LONG, pods: 2, hosts: HALF_READY_NEXT }), 0.55);
    return { drill: made, truth: UNPROVEN };
  }),
  kind('five-to-one', 'O2', 'one of five pods gone: nothing leaves home', (rng) => ({
    drill: declare(drill(rng, { ...LONG, pods: 5, faults: [{ count: 1 }] }), 0.9, 0.95),
    truth: RIGHT,
  })),
  kind('four-to-two', 'O2', 'two of four pods gone: 70 % stay', (rng) => ({
    drill: declare(drill(rng, { ...LONG, pods: 4, faults: [{ count: 2 }] }), 0.9, 0.55),
    truth: RIGHT,
  })),
  kind('four-to-one-left', 'O2', 'three of four pods gone: 35 % stay', (rng) => ({
    drill: declare(drill(rng, { ...LONG, pods: 4, faults: [{ count: 3 }], rate: 60 }), 0.9, 0.2),
    truth: RIGHT,
  })),
  kind('spill-below-the-declared-share', 'O2', 'home keeps 46 % by Envoy’s rule, 80 % were declared', (rng) => ({
    drill: declare(drill(rng, { ...LONG, pods: 3, faults: [{ count: 2 }] }), 0.9, 0.8),
    truth: doubtful(['failoverOrder'], { mustNotPass: ['failoverOrder'] }),
  })),
];
