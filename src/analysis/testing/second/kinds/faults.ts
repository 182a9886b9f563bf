import type { Drill } from '../drill.ts';
import { outage, serving } from '../edits.ts';
import { SECOND } from '../fault.ts';
import { doubtful, drill, kind, type Told, UNKNOWN, UNPROVEN } from '../finish.ts';
import type { Host } from '../mesh.ts';
import type { Rng } from '../rng.ts';
import type { Kind } from '../truth.ts';
import { clauses, first, keep, ownPath, RECOVERY, step, WIDE } from './common.ts';

/** A zone whose pods go on serving although the fault on them is acknowledged and read back. */
function neverBit(rng: Rng): Drill {
  const hosts = (all: Host[]) => all.map(({ dead: _, ...host }) => host);
  return clauses(drill(rng, { faults: [{ kind: 'zoneBlackhole' }], hosts }), {
    recoveryTime: RECOVERY,
    errorBudget: WIDE,
  });
}

/** A drill whose fault is over at `at`, long before its undo. */
function overAt(rng: Rng, at: (undo: number, effect: number) => number): { made: Drill; over: number } {
  let over = 0;
  const made = drill(rng, {
    hosts: (all, { faults, undo }) =>
      all.map((host) => {
        const [fault] = faults;
        if (fault === undefined) return host;
        over = Math.round(at(undo, fault.effect));
        if (fault.dead.includes(host.pod)) return { ...host, to: over };
        return fault.fresh.includes(host.pod) ? { ...host, from: over } : host;
      }),
  });
  return { made, over };
}

function wentOff(name: string, t: number): Told['tweaks'] & {} {
  const detail = 'it went off while it was meant to be on: the Deployment holds the old image again';
  return { history: (all) => [...all, { type: 'fault', t, fault: name, step: 'not-proven', detail, observed: true }] };
}

/** F: did the fault bite? */
export const FAULT_KINDS: readonly Kind[] = [
  kind('never-bit', 'F1, F2', 'the policy is there and nobody enforces it: all pods go on serving', (rng) => ({
    drill: neverBit(rng),
    truth: { ...UNKNOWN, mustNotPass: ['faultEffect'] },
  })),
  kind(
    'unrelated-outage-under-a-fault-that-never-bit',
    'F4',
    'the fault did nothing; a path of its zone was down for eight seconds of its own',
    (rng) => {
      const made = neverBit(rng);
      const from = made.times.hold + 3 * SECOND;
      outage(made, from, from + 8 * SECOND, 'status', [ownPath(made)]);
      return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['faultEffect'] } };
    },
  ),
  kind('taken-back-in-mid-hold', 'F1, F4', 'somebody takes the fault back in mid-hold, and the hold ends', (rng) => {
    const { made, over } = overAt(rng, (undo, effect) => (undo + effect) / 2);
    return {
      drill: made,
      truth: { ...UNKNOWN, mustNotPass: ['faultEffect'] },
      tweaks: wentOff(first(made).name, over + 3 * SECOND),
    };
  }),
  kind(
    'taken-back-right-before-the-undo',
    'F1',
    'one look, 1.2 s before the undo, saw it off; the pods answer since',
    (rng) => {
      const { made, over } = overAt(rng, (undo) => undo - 1.5 * SECOND);
      return {
        drill: made,
        truth: { ...UNKNOWN, mustNotPass: ['faultEffect'] },
        tweaks: wentOff(first(made).name, over + 0.3 * SECOND),
      };
    },
  ),
  kind('not-proven', 'F1', 'the proof fails: the rollout never took place, nothing is held', (rng) => {
    const made = drill(rng, {
      hosts: (all, { faults }) =>
        all.flatMap((host) => {
          const [fault] = faults;
          if (fault?.dead.includes(host.pod) === true || fault?.fresh.includes(host.pod) === true) return [];
          return [fault?.affected.includes(host.pod) === true ? { ...host, to: Number.MAX_SAFE_INTEGER } : host];
        }),
    });
    const history: NonNullable<Told['tweaks']>['history'] = (all) =>
      step(all, 'proven', (event) => [
        { type: 'fault', t: event.t, fault: first(made).name, step: 'not-proven', detail: 'the old pod serves on' },
      ]);
    return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['faultEffect'] }, tweaks: { history } };
  }),
  kind(
    'one-of-two-pods-serves-on',
    'F2',
    'one of the two pods that were to go answers to the end of the hold',
    (rng) => {
      const made = drill(rng, {
        pods: 2,
        hosts: (all, { faults }) =>
          all.flatMap((host) => {
            const [fault] = faults;
            if (host.pod === fault?.affected[1]) return [{ ...host, to: Number.MAX_SAFE_INTEGER }];
            return host.pod === fault?.dead[1] || host.pod === fault?.fresh[1] ? [] : [host];
          }),
      });
      const truth = { ...doubtful(['failoverOrder']), mustNotPass: ['faultEffect'] };
      return { drill: made, truth };
    },
  ),
  kind(
    'nobody-asked-the-silent-pods',
    'F3',
    'a silent zone that no path ever asked: requests can say nothing',
    (rng) => ({
      drill: drill(rng, { via: [1, 2, 3], faults: [{ kind: 'zoneBlackhole' }] }),
      truth: { ...UNKNOWN, mustNotPass: ['faultEffect'] },
    }),
  ),
  kind(
    'pod-at-home-that-never-served',
    'O3',
    'a second pod at home is ready and was thrown out long ago: leaving home was right',
    (rng) => {
      const made = drill(rng);
      const [old] = first(made).affected;
      if (old === undefined) throw new Error('no pod');
      const pod = { ...old, name: `${old.workload}-zzzzz-zzzzz`, ip: old.ip.replace(/\d+$/, '77') };
      const ghost: Host = { pod, from: 0, to: Number.MAX_SAFE_INTEGER, failure: 'refused' };
      return { drill: { ...made, hosts: [...made.hosts, ghost] }, truth: UNPROVEN };
    },
  ),
  kind(
    'next-zone-was-dead-already',
    'O3, E1',
    'the next zone’s only pod was ready and dead before: the far region was right',
    (rng) => {
      const made = drill(rng, {
        via: [0],
        rate: 60,
        hosts: (all, { faults }) =>
          all.map((host) => {
            const [fault] = faults;
            const next = host.pod.service === fault?.service && host.pod.zone === 'nordland-2';
            return next ? { ...host, dead: [0, Number.MAX_SAFE_INTEGER] as const } : host;
          }),
      });
      const truth = { ...UNKNOWN, mustNotPass: ['failoverOrder'] };
      return { drill: clauses(made, { errorBudget: WIDE }), truth };
    },
  ),
  kind(
    'address-taken-by-another-pod',
    'F2, O4',
    'in mid-hold a new pod next door gets the address that the fault set free',
    (rng) => {
      const made = drill(rng);
      const fault = first(made);
      const ip = fault.affected[0]?.ip ?? '';
      const [next] = serving(made, fault.service, 'nordland-2', fault.effect + SECOND);
      const at = fault.effect + 6 * SECOND;
      if (next === undefined) throw new Error('no next pod');
      const heir = { ...next, name: `${next.workload}-yyyyy-yyyyy`, ip };
      for (const r of made.requests) {
        const { chain } = r;
        if (chain === undefined || r.start < at) continue;
        r.chain = { ...chain, hops: chain.hops.map((hop) => (hop.ip === next.ip ? { ...hop, ip } : hop)) };
      }
      const hosts = made.hosts.flatMap((host): Host[] =>
        host.pod === next
          ? [
              { ...host, to: at },
              { ...host, pod: heir, from: at },
            ]
          : [host],
      );
      return { drill: { ...made, hosts }, truth: UNPROVEN };
    },
  ),
  kind('one-of-two-faults-never-bit', 'F4, F1', 'a swap works, a silent zone in the other region does not', (rng) => {
    const hosts = (all: Host[]) =>
      all.map((host) => (host.failure === 'silent' ? (({ dead: _, ...rest }) => rest)(host) : host));
    const made = drill(rng, { faults: [{}, { kind: 'zoneBlackhole', zone: 2 }], hosts });
    return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['faultEffect'] } };
  }),
  kind('interrupted-in-mid-hold', 'F1', 'a signal ended the hold; everything was undone', (rng) => {
    const made = drill(rng);
    const history: NonNullable<Told['tweaks']>['history'] = (all) =>
      all.map((event) =>
        event.type === 'run-end' ? { ...event, status: 'interrupted', signal: 'SIGINT', reason: 'SIGINT' } : event,
      );
    return { drill: made, truth: { ...UNPROVEN, verdicts: ['pass', 'inconclusive'] }, tweaks: { history } };
  }),
  kind('refused-in-the-baseline', 'W4, X2', 'the steady state did not hold, nothing was injected', (rng) => {
    const made = clauses(drill(rng), { steadyState: { goodAtLeast: 0.99 } });
    outage(made, made.times.baseline + 4 * SECOND, made.times.baseline + 7 * SECOND, 'status', [2]);
    const end = made.times.inject;
    keep(made, (r) => r.end < end);
    const history: NonNullable<Told['tweaks']>['history'] = (all) => [
      ...all
        .filter((event) => event.t < end || event.type === 'load')
        .map((event) => {
          if (event.type === 'load') return { ...event, t: end + 3_000 };
          return event.type === 'steady-state' ? { ...event, holds: false, detail: 'requests were not good' } : event;
        }),
      { type: 'run-end', t: end + 9_000, status: 'refused', reason: 'nothing was injected: requests were not good' },
    ];
    return { drill: made, truth: doubtful(['steadyState']), tweaks: { history } };
  }),
];
