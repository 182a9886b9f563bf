import type { Drill, DrillOptions } from '../drill.ts';
import { reroute } from '../edits.ts';
import { orderOf, provable, worstCaller } from '../expect.ts';
import { SECOND } from '../fault.ts';
import { drill, kind, RIGHT, type Told, UNPROVEN } from '../finish.ts';
import type { Kind, Truth } from '../truth.ts';
import { clauses, first, without } from './common.ts';

/** A right run, with the true times of its first stage where one moment of recovery exists. */
function right(made: Drill, more: Partial<Truth> = {}): Told {
  return { drill: made, truth: { ...RIGHT, ...timesOf(made), ...more } };
}

/** The moment from which the callers of a lone pod had thrown it out. */
function timesOf(made: Drill): Partial<Truth> {
  const fault = first(made);
  const mine = made.mesh.ejections.filter((ejection) => fault.dead.includes(ejection.host.pod));
  const path = made.world.paths.findIndex(({ zone }) => zone === fault.zone);
  const [lone] = mine;
  if (made.faults.some((other) => other !== fault && other.requested - fault.requested < 1_000_000)) return {};
  if (made.faults.length > 1 || mine.length !== 1 || lone === undefined || path < 0) return { effect: fault.effect };
  const recovery = { path: made.world.paths[path]?.id ?? '', stage: 1, lateness: lone.at - fault.effect };
  return { effect: fault.effect, recovery };
}

/** A part of the pods at home is gone: home keeps its part by Envoy's rule, the next zone gets the rest. */
function partly(made: Drill, home: number): Drill {
  const [order] = orderOf(made, first(made));
  if (order === undefined) return made;
  const places = [{ place: { zone: first(made).zone }, shareAtLeast: home }, ...order.order];
  return clauses(made, { failoverOrder: [{ ...order, order: places }] });
}

/** Pods that are not ready stand in the endpoints while a rollout takes its time, as Istio 1.31 tells its callers. */
const UNREADY: DrillOptions['hosts'] = (hosts, { faults }) =>
  hosts.map((host) => {
    const fault = faults.find(({ dead, fresh }) => dead.includes(host.pod) || fresh.includes(host.pod));
    if (fault === undefined) return host;
    const from = fault.dead.includes(host.pod) ? fault.acked + 60_000 : fault.undoRequested + 60_000;
    return from < host.from ? { ...host, from, unready: [from, host.from] as const } : host;
  });

const SHAPES: readonly (readonly [string, string, string, DrillOptions])[] = [
  ['right-plain', 'W1, T1, O2', 'one pod swapped, one error, the next zone serves', {}],
  [
    'right-merge-window',
    'C5, T3',
    'Envoy applies the ejection a second late: a second of errors',
    { mergeMs: 1000, rate: 20, holdMs: 24_000 },
  ],
  [
    'right-fast',
    'W1',
    '200/s on two paths',
    { rate: 200, via: [0, 2], baselineMs: 6000, holdMs: 8000, recoverMs: 8000 },
  ],
  ['right-one-zone-region', 'O2', 'a region of one zone: the other region is next', { zones: [1, 2], rate: 40 }],
  ['right-three-regions', 'O2', 'six zones in three regions', { zones: [2, 2, 2] }],
  ['right-three-zones', 'O2', 'two zones of the region share what leaves the third', { zones: [3, 2] }],
  ['right-two-services', 'O1', 'a chain of two, the last one hit', { services: 2, rate: 40 }],
  ['right-four-services', 'O1', 'a chain of four, the last one hit', { services: 4, faults: [{ service: 3 }] }],
  ['right-first-service', 'E1', 'the gateways themselves are the callers that throw out', { faults: [{ service: 0 }] }],
  ['right-far-zone', 'T2', 'the fault is in the last zone of the second region', { faults: [{ zone: 3 }] }],
  ['right-two-requests', 'W1', 'two paths for each gateway zone', { requests: 2, rate: 20 }],
  ['right-three-requests', 'W1', 'three paths for each gateway zone', { requests: 3, rate: 15 }],
  [
    'right-four-pods-each',
    'B1, S4',
    'four callers and four dead pods: sixteen first errors',
    { pods: 4, rate: 50, holdMs: 24_000 },
  ],
  ['right-propagated', 'R2', 'the failing call is a 503 all the way up', { propagate: true }],
  ['right-long-phases', 'W1', 'a minute of hold', { baselineMs: 20_000, holdMs: 60_000, recoverMs: 20_000, rate: 20 }],
  [
    'right-slow-mesh',
    'W3',
    'answers take 0.8 s and are good: some cross the injection and the undo',
    { hopMs: 190, latencyMs: 8000, timeoutMs: 9000 },
  ],
  [
    'right-slow-rollout',
    'T1',
    'the effect comes nine seconds after the acknowledgement',
    { faults: [{ rolloutMs: 9000 }] },
  ],
  ['right-late-proof', 'T1, F2', 'the proof comes six seconds after the effect', { faults: [{ proofMs: 6000 }] }],
  ['right-effect-before-ack', 'T1', 'the effect comes before the API answers', { faults: [{ rolloutMs: -3 }] }],
  [
    'right-two-stages',
    'W1, O1',
    'both zones lose the service one after the other, then the other region serves',
    { faults: [{}, { zone: 1, afterMs: 14_000 }], rate: 40 },
  ],
  ['right-two-regions-hit', 'O1, W1', 'two services in two regions at once', { faults: [{}, { zone: 2, service: 2 }] }],
  [
    'right-unready-told',
    'O2, T1',
    'Istio 1.31: a pod that is not ready spills 30 % before the effect, all good',
    { mesh: 'istio 1.31.0', hosts: UNREADY, faults: [{ rolloutMs: 3500 }], undoMs: 2500 },
  ],
  [
    'right-callers-stop-elsewhere',
    'H2',
    'a path that called from another zone goes home and stops calling there',
    { faults: [{ service: 0 }, { zone: 1, service: 1 }], rate: 40 },
  ],
];

export const RIGHT_KINDS: readonly Kind[] = [
  ...SHAPES.map(([name, rule, why, options]) => kind(name, rule, why, (rng) => right(drill(rng, options)))),
  kind('right-spill-70-30', 'O2', 'one of two pods gone: 70 % at home, 30 % next door', (rng) =>
    right(partly(drill(rng, { pods: 2, faults: [{ count: 1 }], rate: 40 }), 0.55)),
  ),
  kind('right-spill-93-7', 'O2', 'one of three pods gone: 93 % at home', (rng) =>
    right(partly(drill(rng, { pods: 3, faults: [{ count: 1 }], rate: 40, holdMs: 24_000 }), 0.85)),
  ),
  kind('right-spill-46-54', 'O2', 'two of three pods gone: 46 % at home', (rng) =>
    right(partly(drill(rng, { pods: 3, faults: [{ count: 2 }], rate: 40, holdMs: 24_000 }), 0.35)),
  ),
  kind('right-one-of-four-stays', 'O2', 'one of four pods gone: nothing leaves the zone', (rng) =>
    right(partly(drill(rng, { pods: 4, faults: [{ count: 1 }], rate: 40, holdMs: 24_000 }), 0.9)),
  ),
  kind('right-pod-kill', 'F1', 'a pod is killed and replaced', (rng) => {
    const made = drill(rng, { faults: [{ kind: 'podKill' }] });
    return right(clauses(made, { ejections: [] }));
  }),
  kind(
    'right-zone-silent',
    'F1, F2',
    'a zone falls silent, its gateway goes to the next zone after the connect timeout',
    (rng) => right(drill(rng, { faults: [{ kind: 'zoneBlackhole' }], holdMs: 20_000 })),
  ),
  kind(
    'right-zone-silent-with-gateway',
    'W5, U1',
    'a zone with its gateway is cut off; the others go on and it comes back',
    (rng) => {
      const made = drill(rng, { faults: [{ kind: 'zoneBlackhole', gateway: true }] });
      return right(without(clauses(made, { errorBudget: { ratio: 0.4 } }), 'recoveryTime'));
    },
  ),
  kind('right-budget-exactly-met', 'B1', 'the worst caller has exactly as many errors as allowed', (rng) => {
    const made = drill(rng, { mergeMs: 1000 });
    return right(clauses(made, { errorBudget: { perCaller: worstCaller(made) } }));
  }),
  kind('right-hundred-percent', 'C1', '100 % was asked and 100 % was seen', (rng) => {
    const made = drill(rng);
    const order = made.expect.failoverOrder.map((one) => ({
      ...one,
      order: one.order.map(({ place }) => ({ place, shareAtLeast: 1 })),
    }));
    return right(clauses(made, { steadyState: { goodAtLeast: 1, sameZoneAtLeast: 1 }, failoverOrder: order }));
  }),
  kind('right-few-clauses', 'W5, W6', 'nothing but the steady state is asked', (rng) => {
    const made = drill(rng);
    const few = clauses(made, { failoverOrder: [], ejections: [], steadyState: { goodAtLeast: provable(400) } });
    return right(without(few, 'recoveryTime', 'errorBudget', 'unaffected', 'failback'), {
      verdicts: ['pass', 'inconclusive'],
      timid: false,
    });
  }),
  kind('right-slow-way-home', 'H1', 'callers come home four seconds after the undo, ten are allowed', (rng) => {
    const made = drill(rng, { recoverMs: 20_000 });
    const fault = first(made);
    const place = fault.zone.replace(/1$/, '2');
    const from = fault.undoRequested;
    reroute(made, { service: fault.service, caller: fault.zone, from, to: fault.back + 4 * SECOND, place });
    return right(made);
  }),
  kind(
    'right-without-addresses',
    'O4',
    'answers that tell no addresses: nothing can witness, nothing is wrong',
    (rng) => {
      const made = drill(rng);
      for (const request of made.requests) {
        const { chain } = request;
        if (chain !== undefined) request.chain = { ...chain, hops: chain.hops.map((hop) => ({ ...hop, ip: '' })) };
      }
      return { drill: made, truth: UNPROVEN };
    },
  ),
  kind(
    'right-without-chains',
    'T2, F3',
    'good.chain is empty: who served is unknown, the requests were good',
    (rng) => ({
      drill: drill(rng, { bare: true }),
      truth: UNPROVEN,
    }),
  ),
  kind('right-two-a-second', 'S2, C1', '2/s: few requests, nothing wrong', (rng) => {
    const made = drill(rng, { rate: 2, baselineMs: 40_000, holdMs: 60_000, recoverMs: 40_000 });
    return { drill: made, truth: { ...UNPROVEN, ...timesOf(made) } };
  }),
  kind('right-one-a-second', 'S2, C1', '1/s: few requests, nothing wrong', (rng) => {
    const made = drill(rng, { rate: 1, baselineMs: 60_000, holdMs: 90_000, recoverMs: 60_000 });
    return { drill: made, truth: { ...UNPROVEN, ...timesOf(made) } };
  }),
  kind('right-one-in-five-seconds', 'S2, C1', '0.2/s: a handful of requests, nothing wrong', (rng) => {
    const made = drill(rng, { rate: 0.2, baselineMs: 400_000, holdMs: 400_000, recoverMs: 400_000 });
    return {
      drill: clauses(made, { recoveryTime: { withinMs: 60_000, consecutive: 5, lastingMs: 1000 } }),
      truth: UNPROVEN,
    };
  }),
  kind('right-huge', 'W1', '400/s on four paths', (rng) =>
    right(drill(rng, { rate: 400, baselineMs: 8000, holdMs: 12_000, recoverMs: 10_000 })),
  ),
  kind(
    'right-killed-and-not-replaced',
    'F1',
    'the killed pod stays away for the hold; the endpoints tell everybody, nobody notices',
    (rng) => {
      const made = drill(rng, { faults: [{ kind: 'podKill' }], replaceMs: 18_000, recoverMs: 20_000 });
      return { drill: clauses(made, { ejections: [] }), truth: UNPROVEN };
    },
  ),
  kind(
    'right-three-pods-one-after-the-other',
    'T1, T3',
    'a rollout over six seconds: three short blips, no long recovery',
    (rng) => {
      const made = drill(rng, {
        pods: 3,
        holdMs: 20_000,
        faults: [{ rolloutMs: 6200 }],
        hosts: (hosts, { faults }) =>
          hosts.map((host) => {
            const fault = faults[0];
            const i = fault?.affected.indexOf(host.pod) ?? -1;
            const j = fault?.dead.indexOf(host.pod) ?? -1;
            if (fault === undefined || (i < 0 && j < 0)) return host;
            const at = Math.round(fault.effect - (2 - Math.max(i, j)) * 2.5 * SECOND);
            return i >= 0 ? { ...host, to: at } : { ...host, from: at, dead: [at, fault.back] as const };
          }),
      });
      return { drill: clauses(made, { errorBudget: { ratio: 0.2 } }), truth: UNPROVEN };
    },
  ),
];
