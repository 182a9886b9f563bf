import { expect } from 'chai';
import type { MechanismKind } from '../model/mechanism.ts';
import type { FailureGroup } from '../model/result.ts';
import { analyze } from './index.ts';
import { chunks } from './testing/record-file.ts';
import { chronicle } from './testing/second/chronicle.ts';
import type { Drill, DrillOptions } from './testing/second/drill.ts';
import { drill } from './testing/second/finish.ts';
import { stamped } from './testing/second/happening.ts';
import { callsOf, readings } from './testing/second/readings.ts';
import { writeRecords } from './testing/second/records.ts';
import { Rng } from './testing/second/rng.ts';
import type { Pod } from './testing/second/world.ts';

/** Runs of each kind; `FAULTLINE_SEEDS=10 npm run test:truth` takes more. */
const SEEDS = Number(process.env.FAULTLINE_SEEDS ?? 1);

const BRIEF = { baselineMs: 5000, holdMs: 6000, recoverMs: 4000 };

/** What a run of this kind says of its bad requests, and the drill that it was. */
async function saidOf(name: string, seed: number, options: DrillOptions, isRead: (pod: Pod) => boolean = () => true) {
  const made = drill(new Rng(`${name} ${seed}`), { ...BRIEF, ...options });
  const history = stamped([...chronicle(made), ...readings(made, isRead)]);
  const { budget, badRequests } = await analyze(history, chunks(writeRecords(made)));
  return { made, groups: [...budget.groups, ...(badRequests?.groups ?? [])] };
}

/** The mechanisms that calls of one pod truly failed by, until a time. */
function truthOf({ mesh, options, ...made }: Drill, ip: string): Set<MechanismKind> {
  const merge = (options.mergeMs ?? 0) * 1000;
  const failed = callsOf({ mesh, options, ...made }).filter((call) => call.failed && call.caller.ip === ip);
  return new Set(
    failed.map(({ caller, host, at }): MechanismKind => {
      const ejections = mesh.ejections.filter((one) => one.caller === caller && one.host === host);
      return ejections.some((one) => one.at - merge < at - 1000) ? 'merge-window' : 'first-failure';
    }),
  );
}

const kindsOf = ({ mechanisms = [] }: FailureGroup): MechanismKind[] => mechanisms.map(({ kind }) => kind);
const callerOf = ({ caller }: FailureGroup): string => caller.split(' ').at(-1) ?? '';

describe('analysis: how the mesh let requests fail, in runs with known truth by a second author', () => {
  const seeds = Array.from({ length: SEEDS }, (_, i) => i + 1);

  for (const [name, options] of [
    ['ejected at the first failure', { rate: 25 }],
    ['ejected, and called until the merge window was over', { rate: 25, mergeMs: 1000 }],
    ['the same with two pods in each zone', { rate: 40, pods: 2, mergeMs: 1000 }],
    ['two faults one after the other', { rate: 25, mergeMs: 1000, faults: [{}, { zone: 1, afterMs: 2500 }] }],
  ] as const) {
    it(`${name}: nothing is said that was not so, and something of each group`, async () => {
      for (const seed of seeds) {
        const { made, groups } = await saidOf(name, seed, options);
        const told = groups.filter(
          ({ example }) => example.error === undefined && example.chain?.rest.includes('failure'),
        );
        expect(told, `seed ${seed}`).to.not.be.empty;
        for (const group of told) {
          const kinds = kindsOf(group);
          const truth = truthOf(made, callerOf(group));
          expect([...truth], `seed ${seed}, ${group.caller}: ${JSON.stringify(group.mechanisms)}`).to.include.members(
            kinds,
          );
          expect(kinds, `seed ${seed}, ${group.caller}`).to.not.be.empty;
        }
      }
    });
  }

  it('no host is left: it is told where the caller was read, likely where it was not', async () => {
    for (const seed of seeds) {
      const faults = [{ zone: 0 }, { zone: 1 }];
      for (const isRead of [true, false]) {
        const { groups } = await saidOf('none left', seed, { zones: [2], faults }, () => isRead);
        const none = groups.filter(({ example }) => example.chain?.rest === 'no healthy upstream');
        expect(none, `seed ${seed}`).to.not.be.empty;
        for (const { mechanisms } of none) {
          expect(
            mechanisms?.map(({ kind, sure }) => `${kind} ${sure}`),
            `seed ${seed}`,
          ).to.deep.equal([`no-healthy-host ${isRead ? 'certain' : 'likely'}`]);
        }
      }
    }
  });

  it('half of the callers were read: nothing is said of the others', async () => {
    for (const seed of seeds) {
      const { made, groups } = await saidOf('half', seed, { pods: 2, mergeMs: 1000 }, (pod) => !pod.ip.endsWith('.11'));
      for (const group of groups.filter(({ example }) => example.error === undefined)) {
        if (callerOf(group).endsWith('.11')) expect(kindsOf(group), `seed ${seed}`).to.deep.equal([]);
        else expect([...truthOf(made, callerOf(group))], `seed ${seed}`).to.include.members(kindsOf(group));
      }
    }
  });

  it('calls spilled to a dead pod of the next zone, as a nearer one was not ready: that is told', async () => {
    for (const seed of seeds) {
      const spilled = await saidOf('spilled', seed, {
        mesh: '1.31.0',
        pods: 2,
        faults: [{ zone: 1 }],
        hosts: (hosts, { world, faults: [fault], undo }) => {
          const [first] = world.pods.filter(
            ({ zone, service }) => zone === world.paths[0]?.zone && service === fault?.service,
          );
          return hosts.map((host) => (host.pod === first ? { ...host, unready: [3_000_000, undo] as const } : host));
        },
      });
      const zone = spilled.made.world.paths[0]?.zone ?? '';
      const own = spilled.groups.filter(
        ({ caller, example }) => caller.includes(` ${zone} `) && example.error === undefined,
      );
      for (const group of own) expect(kindsOf(group), `seed ${seed}`).to.deep.equal(['unready-endpoint']);
      expect(own, `seed ${seed}`).to.not.be.empty;
    }
  });
});
