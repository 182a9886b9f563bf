import { expect } from 'chai';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { FaultlineError } from '../model/errors.ts';
import { ClusterLease } from './cluster-lease.ts';
import { virtualClock } from './testing/virtual-clock.ts';

/** What is wrong with the time of a process, and with its API. */
type OwnTime = { slept: number; ahead: number } & Record<'hangs' | 'isAway' | 'isLate', boolean>;

describe('that a lease was not renewed', () => {
  it('is the doing of the process that was stopped, its machine, or the API server, and told as that', async () => {
    const ends: Record<string, { act: (own: OwnTime) => void; later?: (own: OwnTime) => void; says: string }> = {
      'stopped for long': {
        act: (own) => {
          own.slept += 52_000;
        },
        says: 'was not renewed for 45 s (this process stood',
      },
      'a clock set forward': {
        act: (own) => {
          own.ahead += 7_200_000;
        },
        says: 'counts as not renewed for 45 s (the wall',
      },
      'stopped for a while, and an API that is away then': {
        act: (own) => {
          own.slept += 12_000;
          own.isAway = true;
        },
        says: 'was not renewed for 45 s (this process stood still for up to 17 s: it was stopped, or had no CPU; it is away)',
      },
      'stopped while it asks, so that the answer is too late': {
        act: (own) => {
          own.isLate = true;
        },
        says: 'was not renewed for 45 s (this process stood still for up to 42 s: it was stopped, or had no CPU)',
      },
      'stopped before it was renewed, and an API that hangs then': {
        act: (own) => {
          own.slept += 12_000;
        },
        later: (own) => {
          own.hangs = true;
        },
        says: 'was not renewed for 45 s (the API does not answer in time)',
      },
      'an API that was away for a moment, and a stop later': {
        act: (own) => {
          own.isAway = true;
        },
        later: (own) => {
          own.slept += 52_000;
        },
        says: 'up to 57 s: it was stopped, or had no CPU)',
      },
    };
    for (const [title, { act, later, says }] of Object.entries(ends)) {
      const [cluster, time] = [new FakeCluster(), virtualClock()];
      const none = { hangs: false, isAway: false, isLate: false };
      const own: OwnTime = { slept: 0, ahead: 0, ...none };
      const clock = {
        ...time,
        now: () => time.now() + own.slept * 1000,
        wall: () => new Date(time.wall().getTime() + own.slept + own.ahead),
      };
      cluster.pause = async () => {
        if (own.isAway) throw new FaultlineError('TARGET_UNREACHABLE', 'it is away');
        if (own.isLate) {
          own.slept += 42_000;
          own.isLate = false;
          throw new FaultlineError('TARGET_UNREACHABLE', 'it did not answer within 15 s');
        }
        // No answer comes in the very moment in which a process wakes.
        await (own.hangs ? new Promise(() => {}) : time.sleep(1));
      };
      const lease = new ClusterLease(cluster, 'default', 'run-1/a/1', clock);
      await lease.take({ stop: new AbortController().signal, onWatch: () => {} });
      const lost: string[] = [];
      lease.keep(({ message }) => lost.push(message));
      await time.sleep(32_000);
      act(own);
      await time.sleep(6_000);
      own.isAway &&= later === undefined;
      await time.sleep(16_000);
      later?.(own);
      await time.sleep(60_000);
      void lease.release().catch(() => {});
      expect(`${lost[0]}`, title).to.contain(says);
    }
  });
});
