import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import {
  FAULT_KINDS,
  faultKind,
  marksOf,
  narrowTo,
  narrowToPlan,
  permissionsIn,
  STARTER_FAULT,
  starterFault,
} from './index.ts';
import { blockOf } from './testing/conformance/stage.ts';
import { fakeSystem } from './testing/fake-system.ts';
import { planWith } from './testing/steps.ts';

describe('the list of faults', () => {
  it('has each kind once and finds it by its name', () => {
    expect(FAULT_KINDS.map((kind) => faultKind(kind.kind))).to.deep.equal(FAULT_KINDS);
    expect(new Set(FAULT_KINDS.map(({ kind }) => kind)).size).to.equal(FAULT_KINDS.length);
    expect(FAULT_KINDS).to.include(STARTER_FAULT);
    // A program of this machine is nothing that a dead-man, or anybody else, can run.
    expect(FAULT_KINDS.filter(({ local }) => local !== undefined).map(({ kind }) => kind)).to.deep.equal(['hook']);
  });

  it('says what to do about a kind that it does not know', () => {
    expect(() => faultKind('meteor'))
      .to.throw(FaultlineError, 'fault kind meteor is not known to this version of faultline')
      .that.deep.includes({ code: 'JOURNAL', hint: 'Use the version that made the run.' });
  });

  it('starts with a fault that its kind takes as it is, in either way', () => {
    const aim = { cluster: 'tokyo', namespace: 'default', zone: 'ap-northeast-1a', labels: { app: 'mockb' } };
    const deployment = { name: 'mockb-ap-northeast-1a', container: 'default' };
    const starters = [true, false].map((canBeReplaced) =>
      starterFault({ ...aim, deployment: { ...deployment, canBeReplaced } }),
    );
    for (const { kind, block } of [...starters, starterFault(aim)]) {
      expect(blockOf({ ...faultKind(kind), example: block })).to.deep.include({
        cluster: 'tokyo',
        namespace: 'default',
      });
    }
    expect(starters.map(({ kind, ejects }) => [kind, ejects])).to.deep.equal([
      ['imageSwap', true],
      ['podKill', false],
    ]);
  });

  it('knows every kind of object that carries a mark, once', () => {
    expect(marksOf(FAULT_KINDS).map(({ resource, ours }) => `${resource} ${ours}`)).to.have.members([
      'deployment false',
      'statefulset false',
      'daemonset false',
      'rollout false',
      'node false',
      'pod false',
      'networkpolicy true',
      'job true',
      'envoyfilter true',
      'virtualservice true',
    ]);
    expect(marksOf([...FAULT_KINDS, ...FAULT_KINDS])).to.deep.equal(marksOf(FAULT_KINDS));
    expect(marksOf([])).to.deep.equal([]);
  });
});

describe('a kind', () => {
  const swap = faultKind('imageSwap');
  const kindsIn = (parts: readonly { kind: { kind: string } }[]) => parts.map(({ kind }) => kind.kind);

  it('asks for and marks what its block names', () => {
    const narrow = narrowTo(swap, { statefulSet: 'db' });
    expect(kindsIn(narrow.permissions)).to.have.members(['StatefulSet', 'Pod', 'Pod', 'Node']);
    expect(kindsIn(narrow.marks)).to.deep.equal(['StatefulSet']);
  });

  it('is searched for on the kinds that its plan asked for', async () => {
    const plan = await planWith(swap, fakeSystem());
    expect(kindsIn(narrowToPlan(swap, plan).marks)).to.deep.equal(['Deployment']);
    const hole = faultKind('zoneNetworkPolicy');
    expect(narrowToPlan(hole, { ...plan, permissions: [] }).marks).to.deep.equal(hole.marks);
  });
});

describe('permissions', () => {
  it('are asked for in each namespace, and once for the whole cluster', () => {
    const rules = [
      { kind: KINDS.pod, verbs: ['list', 'delete'], scope: 'namespace' },
      { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
    ] as const;
    expect(permissionsIn(rules, ['a', 'b'])).to.deep.equal([
      { ...KINDS.pod, verb: 'list', namespace: 'a' },
      { ...KINDS.pod, verb: 'delete', namespace: 'a' },
      { ...KINDS.pod, verb: 'list', namespace: 'b' },
      { ...KINDS.pod, verb: 'delete', namespace: 'b' },
      { ...KINDS.node, verb: 'list', namespace: '' },
    ]);
  });
});
