import { expect } from 'chai';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { patchedWith } from './conformance/merge.ts';
import type { FakeCluster } from './fake-cluster.ts';

/** The words of a command, as a shell takes them apart. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:\\.|'[^']*'|[^\s'])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|\\(.)/g, (_, quoted: string | undefined, escaped: string) => quoted ?? escaped),
  );
}

/** Does to a cluster what a command of kubectl does that somebody pastes; fails for one that it could not do. */
export function paste(cluster: FakeCluster, commands: string): void {
  for (const command of commands.split(' && ')) {
    const words = wordsOf(command);
    expect(words.shift(), command).to.equal('kubectl');
    const namespace = words[0] === '-n' ? words.splice(0, 2)[1] : '';
    const [verb = '', at = '', ...rest] = words;
    const [resource = '', name] = at.includes('/') ? at.split('/') : ['node', at];
    const found = [...cluster.objects.values()].find(
      ({ kind, metadata }) =>
        kind.toLowerCase() === resource && (metadata.namespace ?? '') === namespace && metadata.name === name,
    );
    if (found === undefined) throw new Error(`${command}: not found`);
    if (verb === 'delete') cluster.objects.delete(`${found.kind} ${namespace}/${name}`);
    else cluster.put(changed(verb, rest, found, command));
  }
}

function changed(verb: string, rest: readonly string[], object: KubeObject, command: string): KubeObject {
  const next = structuredClone(object);
  const spec = next.spec as Record<string, Json>;
  const without = (map: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(map).filter(([key]) => !rest.includes(`${key}-`)));
  switch (verb) {
    case 'patch':
      return patchedWith(next, JSON.parse(rest.at(-1) ?? '') as Json);
    case 'scale':
      spec.replicas = Number(rest[0]?.replace('--replicas=', ''));
      return next;
    case 'uncordon':
      delete spec.unschedulable;
      return next;
    case 'label':
      return { ...next, metadata: { ...next.metadata, labels: without(next.metadata.labels) } };
    case 'annotate':
      return { ...next, metadata: { ...next.metadata, annotations: without(next.metadata.annotations) } };
    default:
      throw new Error(`nobody can paste this here: ${command}`);
  }
}
