import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import type { FaultKind } from '../../../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../../../model/kubernetes.ts';
import { permissionsIn } from '../../define.ts';
import { type FakeCluster, OUTSIDE } from '../fake-cluster.ts';
import { RUN } from '../fake-system.ts';
import {
  blockOf,
  type Check,
  type KindStage,
  planned,
  settled,
  shortContext,
  stage,
  stageOn,
  stageSystem,
} from './stage.ts';

type Asked = { verb: string; kind: string; subresource?: string | undefined; namespace: string };
const textOf = ({ verb, kind, subresource = '', namespace }: Asked) => `${verb} ${kind}/${subresource} ${namespace}`;

/** Denies what the rules of a kind do not ask for, or what those of its undo do not, and keeps what was asked. */
function guarded(kind: FaultKind, cluster: FakeCluster, used: Set<string>, what: 'life' | 'undo' = 'life'): void {
  const rules = permissionsIn(kind.permissions, ['default']);
  const granted = new Set(rules.filter(({ undo }) => what === 'life' || undo === true).map(textOf));
  cluster.before = (request) => {
    const asked = textOf(request);
    if (request.kind === OUTSIDE.kind) return;
    used.add(asked);
    if (!granted.has(asked)) throw new FaultlineError('PERMISSION_DENIED', `not allowed: ${asked}`);
  };
}

async function wholeLife(kind: FaultKind, on: KindStage): Promise<void> {
  const context = shortContext(on.cluster);
  await kind.inject(on.plan, context);
  expect((await kind.prove(on.plan, context)).proven).to.equal(true);
  expect((await kind.undo(on.plan, context)).state).to.equal('undone');
  expect(on.cluster.snapshot()).to.deep.equal(on.before);
}

/** Its whole life works with what it asks for, and it asks for nothing that no life uses: lost answers are part of some. */
async function privilege(kind: FaultKind): Promise<void> {
  const used = new Set<string>();
  const cluster = stageSystem();
  guarded(kind, cluster, used);
  const on = { cluster, before: cluster.snapshot(), plan: await planned(kind, cluster) };
  await wholeLife(kind, on);
  for (let lost = 1; lost <= cluster.writes; lost++) {
    const next = await stage(kind);
    guarded(kind, next.cluster, used);
    next.cluster.after = () => {
      if (next.cluster.writes === lost) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
    };
    await settled(kind.inject(next.plan, shortContext(next.cluster)));
    next.cluster.after = () => {};
    expect((await kind.undo(next.plan, shortContext(next.cluster))).state).to.equal('undone');
  }
  const asked = permissionsIn(kind.permissions, ['default']).map(textOf);
  expect([...used].sort()).to.deep.equal(asked.sort());
}

/** Its undo works with what it says that its undo asks for, a write of the fault with a lost answer or not. */
async function undoPrivilege(kind: FaultKind): Promise<void> {
  const used = new Set<string>();
  const { writes } = (await stageOn(kind)).cluster;
  for (let lost = 0; lost <= writes; lost++) {
    const { cluster, plan } = await stage(kind);
    cluster.after = () => {
      if (cluster.writes === lost) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
    };
    await settled(kind.inject(plan, shortContext(cluster)));
    guarded(kind, cluster, used, 'undo');
    // An undo that has not heard of its own write to a pod looks, too.
    cluster.after = ({ isWrite, kind: written }) => {
      if (isWrite && written === KINDS.pod.kind) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
    };
    await settled(kind.undo(plan, shortContext(cluster)));
    cluster.after = () => {};
    expect((await kind.undo(plan, shortContext(cluster))).state, [...used].join()).to.equal('undone');
  }
  const asked = permissionsIn(kind.permissions, ['default']).filter(({ undo }) => undo === true);
  const unused = asked.map(textOf).filter((one) => !used.has(one));
  expect(unused, 'asked for and never used').to.deep.equal([]);
}

/** Everything that it changes or that carries its mark is of a kind that it names, and everything that it names is such. */
async function marks(kind: FaultKind): Promise<void> {
  const { cluster, plan } = await stageOn(kind);
  const fresh = stageSystem();
  const kept = plan.objects.filter(({ state }) => state !== 'one-shot');
  const isMarked = (object: KubeObject) =>
    kept.some((one) => `${one.kind} ${one.namespace}/${one.name}` === nameOf(object)) ||
    object.metadata.labels?.[RUN_LABEL] === RUN ||
    kind.marks.some(
      (mark) => mark.kind.kind === object.kind && mark.inside?.(object).some(({ runId }) => runId === RUN),
    );
  const marked = [...cluster.objects.values()].filter(isMarked);
  const found = marked.map(({ apiVersion, kind: name }) => ({
    kind: { apiVersion, kind: name },
    ours: fresh.all({ apiVersion, kind: name }).length === 0,
  }));
  const once = [...new Map(found.map((mark) => [mark.kind.kind, mark])).values()];
  expect(kind.marks.map(({ kind: marked, ours }) => ({ kind: marked, ours }))).to.have.deep.members(once);
  for (const { kind: name, resource } of kind.marks) expect(resource).to.equal(name.kind.toLowerCase());
}

const nameOf = ({ kind, metadata: { namespace, name } }: KubeObject) => `${kind} ${namespace}/${name}`;

type Container = {
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly command: readonly string[];
  readonly securityContext: Readonly<Record<string, unknown>> & { readonly capabilities: { readonly drop: string[] } };
};

/** A container among those of somebody else can be root, which changes rules or signals, and gains nothing beyond that. */
async function containers(kind: FaultKind): Promise<void> {
  const { cluster } = await stageOn(kind);
  const added = cluster.all(KINDS.pod).flatMap(({ spec }) => {
    const { ephemeralContainers = [] } = (spec ?? {}) as unknown as { ephemeralContainers?: Container[] };
    return ephemeralContainers;
  });
  for (const { image, imagePullPolicy, command, securityContext } of added) {
    expect([image, imagePullPolicy]).to.deep.equal([blockOf(kind).image, 'IfNotPresent']);
    expect(securityContext).to.include({ runAsUser: 0, runAsNonRoot: false, allowPrivilegeEscalation: false });
    expect(securityContext.readOnlyRootFilesystem ?? false, 'its files can be written').to.equal(false);
    expect(securityContext.capabilities.drop).to.deep.equal(['ALL']);
    expect([command[0], command[1], command.length]).to.deep.equal(['sh', '-c', 3]);
    expect(command[2], 'the clock of a node is compared with no other').to.not.match(/\bdate\b/);
    // The kubelet expands `$(NAME)`, and `$$` to `$`.
    expect(command[2]?.replaceAll('$$', ''), 'what a kubelet would expand').to.not.contain('$');
  }
}

async function words(kind: FaultKind): Promise<void> {
  expect(kind.doc).to.match(/^[A-Z].*\.$/);
  for (const cell of Object.values(kind.row)) expect(cell).to.match(/^[^|\n]{5,}[^.|\n]$/);
}

export const RIGHTS: readonly Check[] = [
  { name: 'lives with the permissions that it asks for, and uses all of them', check: privilege },
  { name: 'is undone with the permissions that its undo asks for', check: undoPrivilege },
  { name: 'marks the kinds of objects that it names, and no others', check: marks },
  { name: 'puts no container into a pod that may do more than it needs', check: containers },
  { name: 'is documented', check: words },
];
