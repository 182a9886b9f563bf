import { moveTo, outage, spoil } from '../edits.ts';
import { good } from '../expect.ts';
import { SECOND } from '../fault.ts';
import { broken, doubtful, drill, kind, UNKNOWN, UNPROVEN } from '../finish.ts';
import type { Kind } from '../truth.ts';
import { clauses, downFor, first, idOf, ownPath, RECOVERY, WIDE } from './common.ts';

const LATE = ['recoveryTime', 'errorBudget', 'failoverOrder'] as const;

/** R: what a request is. */
export const REQUEST_KINDS: readonly Kind[] = [
  kind('chain-broken-behind-200', 'R1, R2', 'eight seconds of 200 with half a chain, five were promised', (rng) => {
    const { made, recovery } = downFor(rng, 8 * SECOND, {}, 'chain');
    return { drill: made, truth: broken(LATE, { mustFail: ['recoveryTime'], effect: first(made).effect, recovery }) };
  }),
  kind('unauthorised-for-eight-seconds', 'R2', 'the target answers 403: that is bad, not unknown', (rng) => {
    const { made } = downFor(rng, 8 * SECOND);
    for (const request of made.requests) {
      if (request.status === 503) Object.assign(request, { status: 403 });
    }
    return { drill: made, truth: broken(LATE, { mustFail: ['recoveryTime'], effect: first(made).effect }) };
  }),
  kind('tls-errors-for-eight-seconds', 'R2, X1', 'a certificate that nobody trusts, with its own words', (rng) => {
    const { made } = downFor(rng, 8 * SECOND, {}, 'tls');
    return { drill: made, truth: broken(LATE, { mustFail: ['recoveryTime'], effect: first(made).effect }) };
  }),
  kind(
    'one-in-three-late-after-recovery',
    'R1, T4',
    'a third of the answers is slower than good for the rest of the hold',
    (rng) => {
      const made = clauses(drill(rng), { errorBudget: WIDE, recoveryTime: RECOVERY });
      const { effect } = first(made);
      const mine = made.requests.filter(
        (r) => r.path === ownPath(made) && r.start >= effect + SECOND && r.due < made.times.undo,
      );
      for (const request of mine) if (rng.chance(0.33) && good(made, request)) spoil(made, request, 'slow');
      return { drill: made, truth: broken(['recoveryTime', 'failoverOrder']) };
    },
  ),
  kind('wrong-order-in-the-chain', 'R1', 'the services answer in another order for the whole hold', (rng) => {
    const made = clauses(drill(rng), { errorBudget: WIDE, recoveryTime: RECOVERY });
    for (const request of made.requests) {
      const { chain } = request;
      const here =
        request.path === ownPath(made) && request.start >= first(made).effect && request.due < made.times.undo;
      if (here && chain?.hops.length === 3) request.chain = { ...chain, hops: [...chain.hops].reverse() };
    }
    return { drill: made, truth: broken(['recoveryTime', 'failoverOrder'], { mustFail: ['recoveryTime'] }) };
  }),
  kind(
    'script-errors',
    'R3',
    'the generator’s own script fails in 3 % of the hold: unknown, not bad, not good',
    (rng) => {
      const made = drill(rng);
      for (const request of made.requests) {
        const here = request.due >= made.times.hold && request.due < made.times.undo;
        if (here && rng.chance(0.03)) spoil(made, request, 'script');
      }
      return { drill: made, truth: UNKNOWN };
    },
  ),
  kind(
    'script-errors-for-eight-seconds',
    'R3, S2',
    'nothing but script errors on one path: nothing was seen there',
    (rng) => {
      const { made } = downFor(rng, 8 * SECOND, {}, 'script');
      return { drill: made, truth: UNKNOWN };
    },
  ),
  kind(
    'blind-and-bad',
    'R3',
    'the target’s process stood still for two seconds and every request of them failed',
    (rng) => {
      const made = drill(rng);
      const from = made.times.hold + 6 * SECOND;
      outage(made, from, from + 2 * SECOND, 'timeout');
      const blind = {
        type: 'blind',
        t: from + 4 * SECOND,
        from: from - 60_000,
        to: from + 4.1 * SECOND,
        detail: 'stood still',
      } as const;
      return { drill: made, truth: UNKNOWN, tweaks: { history: (all) => [...all, blind] } };
    },
  ),
  kind(
    'blind-and-good',
    'R3',
    'the process stood still for a moment in which every answer was good all the same',
    (rng) => {
      const made = drill(rng);
      const from = made.times.hold + 6 * SECOND;
      const blind = { type: 'blind', t: from + SECOND, from, to: from + 300_000, detail: 'stood still' } as const;
      return { drill: made, truth: UNPROVEN, tweaks: { history: (all) => [...all, blind] } };
    },
  ),
  kind(
    'blind-for-a-part-of-an-outage',
    'R3, T4',
    'half a second of blindness does not excuse nine seconds of errors',
    (rng) => {
      const { made } = downFor(rng, 9 * SECOND);
      const from = first(made).effect + 3 * SECOND;
      const blind = { type: 'blind', t: from + SECOND, from, to: from + 500_000, detail: 'stood still' } as const;
      const truth = broken(LATE, { mustFail: ['recoveryTime'] });
      return { drill: made, truth, tweaks: { history: (all) => [...all, blind] } };
    },
  ),
  kind(
    'many-pods',
    'R4',
    'sixteen pods of each service in each zone: ten thousand kinds of chains, all complete',
    (rng) => {
      const options = {
        pods: 16,
        rate: 100,
        faults: [{ count: 1 }],
        baselineMs: 8000,
        holdMs: 12_000,
        recoverMs: 8000,
      };
      const made = clauses(drill(rng, options), { failoverOrder: [], errorBudget: WIDE });
      return { drill: made, truth: UNPROVEN };
    },
  ),
  kind('lost-chain-line', 'R3', 'the line that names a chain is torn: what its responses said is unknown', (rng) => {
    const records = (text: string) => text.replace(/\{"chain":1,"hops":\[\[[^\n]*\n/, '{"chain":1,"ho\n');
    return { drill: drill(rng), truth: UNKNOWN, tweaks: { records } };
  }),
  kind(
    'zone-in-the-answer-is-a-lie',
    'O4',
    'far pods print the next zone’s name: by their addresses the next zone was skipped',
    (rng) => {
      const made = drill(rng);
      const { zone, service } = first(made);
      const far = made.world.pods.filter(
        (pod) => pod.service === service && pod.region !== first(made).affected[0]?.region,
      );
      for (const request of made.requests) {
        const hops = request.chain?.hops ?? [];
        const i = hops.findIndex((hop) => hop.service === service);
        const moved = i > 0 && hops[i - 1]?.zone === zone && hops[i]?.zone !== zone;
        if (!moved || request.chain === undefined) continue;
        const printed = hops[i]?.zone ?? '';
        moveTo(made, request, i, rng.pick(far));
        const told = request.chain.hops.map((hop, k) => (k === i ? { ...hop, zone: printed } : hop));
        request.chain = { ...request.chain, hops: told };
      }
      return {
        drill: made,
        truth: doubtful(['failoverOrder', 'unaffected', 'failback'], { mustNotPass: ['failoverOrder'] }),
      };
    },
  ),
  kind(
    'zone-that-nobody-knows',
    'O4',
    'a twentieth of the answers names a zone that is not the zone of its address',
    (rng) => {
      const made = drill(rng);
      for (const request of made.requests) {
        const { chain } = request;
        if (chain === undefined || request.due < made.times.hold || !rng.chance(0.05)) continue;
        request.chain = { ...chain, hops: chain.hops.map((hop, k) => (k === 1 ? { ...hop, zone: '' } : hop)) };
      }
      return { drill: made, truth: doubtful(['failoverOrder', 'steadyState', 'unaffected', 'failback']) };
    },
  ),
  kind(
    'address-used-again',
    'O4, F2',
    'after the undo the new pod has the address of the pod that was taken away',
    (rng) => {
      const made = drill(rng);
      const { affected, fresh, effect } = first(made);
      const [old, anew] = [affected[0]?.ip ?? '', fresh[0]?.ip ?? ''];
      for (const request of made.requests) {
        const { chain } = request;
        if (chain === undefined || request.start < effect) continue;
        request.chain = { ...chain, hops: chain.hops.map((hop) => (hop.ip === anew ? { ...hop, ip: old } : hop)) };
      }
      const hosts = made.hosts.map((host) =>
        host.pod.ip === anew ? { ...host, pod: { ...host.pod, ip: old } } : host,
      );
      return { drill: { ...made, hosts }, truth: { ...UNPROVEN, verdicts: ['pass'], timid: true } };
    },
  ),
  kind('slow-for-eight-seconds', 'R1, X1', 'every answer comes, a little slower than good', (rng) => {
    const { made } = downFor(rng, 8 * SECOND, {}, 'slow');
    const truth = broken(['recoveryTime', 'failoverOrder'], {
      mustFail: ['recoveryTime'],
      mustNotPass: [`recoveryTime/${idOf(made, ownPath(made))}`],
    });
    return { drill: made, truth };
  }),
];
