import type { Diagnostic } from '../model/errors.ts';
import type { Scenario } from '../model/scenario.ts';
import { resolveHost } from '../model/service-host.ts';
import { toDiagnostics } from './diagnostics.ts';
import { quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import { withoutBom } from './source.ts';
import { nearest } from './suggest.ts';
import { readDocument } from './yaml-syntax.ts';
import { buildTree, nodeAt, type ScalarNode, type TreeNode } from './yaml-tree.ts';

/** The Services of a target. */
export type KnownServices = {
  readonly namespaces: readonly string[];
  /** As `namespace/name`, in whichever cluster; absent where a cluster does not tell them. */
  readonly services?: readonly string[];
};

/** A host that a fault names, and the namespace in which that is done. */
type NamedHost = { readonly at: ScalarNode; readonly host: string; readonly namespace: string };

/**
 * Reports each host of a fault that Istio takes for another name than its writer: a name with a dot is a full one, and is
 * compared as it stands, so that `mockb.default` is no Service (Istio: ResolveShortnameToFQDN).
 */
export function checkFaultHosts(root: TreeNode, problems: Problems): void {
  for (const named of hostsIn(root)) reportPartial(named, [named.namespace], problems);
}

/** The same against a target, which tells what its namespaces are, and of which Service a host is none. */
export function checkHosts(scenario: Scenario, known: KnownServices): Diagnostic[] {
  const { file, text } = scenario.source;
  const document = readDocument(withoutBom(text), []);
  if (document === undefined) return [];
  const problems: Problems = [];
  for (const named of hostsIn(buildTree(document, []))) {
    if (!reportPartial(named, known.namespaces, problems)) reportUnknown(named, known, problems);
  }
  return toDiagnostics(problems, file, text);
}

function hostsIn(root: TreeNode): NamedHost[] {
  const faults = nodeAt(root, ['spec', 'faults']);
  const blocks = (faults?.kind === 'list' ? faults.items : []).flatMap((fault) =>
    fault.kind === 'map' ? fault.entries.map(({ value }) => value) : [],
  );
  return blocks.flatMap((block): NamedHost[] => {
    const [host, namespace] = [nodeAt(block, ['host']), nodeAt(block, ['namespace'])];
    if (host?.kind !== 'scalar' || namespace?.kind !== 'scalar') return [];
    return [{ at: host, host: String(host.value), namespace: String(namespace.value) }];
  });
}

/** Resolves to whether the host is a part of a Service's full name. */
function reportPartial({ at, host }: NamedHost, namespaces: readonly string[], problems: Problems): boolean {
  const [name = '', namespace = '', ...rest] = host.split('.');
  const isPart =
    ['svc', 'svc.cluster'].includes(rest.join('.')) || (rest.length === 0 && namespaces.includes(namespace));
  if (!isPart) return false;
  const message = `${quoted(host)} is no Service to the mesh, which takes a name with a dot for a full one: no call would be hit`;
  error(problems, 'NAME_UNKNOWN', at, message, `write ${resolveHost(name, namespace)}`);
  return true;
}

function reportUnknown({ at, host, namespace }: NamedHost, known: KnownServices, problems: Problems): void {
  const { namespaces, services } = known;
  const full = resolveHost(host, namespace);
  const [name, home = '', ...rest] = full.split('.');
  if (services === undefined || rest.join('.') !== 'svc.cluster.local' || !namespaces.includes(home)) return;
  if (services.includes(`${home}/${name}`)) return;
  const suggestion = nearest(`${home}/${name}`, services);
  const hint =
    suggestion === undefined ? 'name a Service that the callers call' : `did you mean ${quoted(suggestion)}?`;
  error(problems, 'NAME_UNKNOWN', at, `no cluster of the target has the Service ${quoted(`${home}/${name}`)}`, hint);
}
