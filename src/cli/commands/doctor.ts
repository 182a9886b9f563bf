import { checkClock } from '../../app/check-clock.ts';
import { checkGateway } from '../../app/check-gateway.ts';
import { checkGuarded } from '../../app/check-guards.ts';
import { checkPrometheus } from '../../app/check-prometheus.ts';
import { checkProxies } from '../../app/check-proxies.ts';
import { checkLeft, checkObserved, checkPermissions, zonesIn } from '../../app/check-target.ts';
import { lintTarget } from '../../app/lint-target.ts';
import { ENGINE_PORTS } from '../../app/load-cluster.ts';
import { describeInvalid, InvalidFile, loadScenario } from '../../app/load-files.ts';
import { type OpenTarget, openTarget, targetNeeds } from '../../app/targets/index.ts';
import { tryRequests } from '../../app/try-requests.ts';
import { FAULT_KINDS } from '../../faults/index.ts';
import { ENGINE_KINDS } from '../../load/engines.ts';
import type { Check } from '../../model/engine.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import type { FaultKind } from '../../model/fault.ts';
import { inContext } from '../../model/kubectl.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { namingTarget } from '../../model/recover-command.ts';
import { shellCommand } from '../../model/shell.ts';
import type { Target } from '../../model/target.ts';
import { visibleLine } from '../../model/visible.ts';
import { deniedToKind } from '../../run/permissions.ts';
import { systemClock } from '../../run/system-clock.ts';
import { resolveAddress } from '../../run/topology.ts';
import type { OpenCluster } from '../../run/wiring.ts';
import { countText, errorLines } from '../lint-text.ts';
import { openConsole } from '../output.ts';

/**
 * `faultline doctor [file]`: exit 0 when everything a run needs is there, else 3; with a scenario also when each of its
 * requests gets a good answer.
 */
export async function doctor(
  [file]: readonly string[],
  options: { target: string; output: 'text' | 'json' },
): Promise<number> {
  const out = openConsole(options.output);
  const { target, checks: ofTarget } = await checkTarget(options.target, file);
  const ofEngines = await Promise.all(ENGINE_KINDS.map((kind) => kind.doctor(target, ENGINE_PORTS)));
  const all = [checkNode(), ...(await targetNeeds(options.target)), ...ofTarget, ...ofEngines.flat()];
  const checks = all.map((check) =>
    check.fix === undefined ? check : { ...check, fix: namingTarget(check.fix, options.target) },
  );
  if (out.json) out.data(JSON.stringify(checks, null, 2));
  else for (const check of checks) out.show(line(check));
  return checks.every((check) => check.ok || check.optional) ? EXIT.pass : EXIT.refused;
}

function line({ ok, optional, what, detail, fix }: Check): string {
  return `${ok ? 'ok     ' : optional ? 'absent ' : 'MISSING'} ${visibleLine(`${what}: ${detail}`)}${fix === undefined ? '' : `\n        ${visibleLine(fix)}`}`;
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 22 || (major === 22 && minor >= 19);
  return {
    what: 'Node.js',
    ok,
    detail: process.version,
    ...(ok ? {} : { fix: 'faultline needs Node.js 22.19 or newer' }),
  };
}

async function checkTarget(
  name: string,
  file: string | undefined,
): Promise<{ target: Target | undefined; checks: readonly Check[] }> {
  let open: OpenTarget | undefined;
  try {
    open = await openTarget(name, undefined);
    const { target } = open;
    const material = open.gatewayTls(process.env);
    // With a scenario its plan says what its own faults need.
    const kinds = file === undefined ? FAULT_KINDS : [];
    const clusters = await Promise.all(
      [...open.clusters.values()].map((cluster) => checkCluster(cluster, target, kinds)),
    );
    const gateways = await Promise.all(
      [...open.clusters.values()].flatMap((cluster) =>
        cluster.gateways.map((gateway) => {
          const id = `${cluster.cluster.name}/${gateway.zone}`;
          const place = { id, cluster: cluster.cluster.name, zone: gateway.zone };
          const resolve = (address: typeof gateway.address) => resolveAddress(cluster, address);
          return checkGateway(`gateway ${id}`, gateway, material.of([place])[id], resolve);
        }),
      ),
    );
    const prometheus = await checkPrometheus(open);
    const there = { what: `target ${name}`, ok: true, detail: counted(clusters.length, 'cluster') };
    const requests = file === undefined ? [] : await checkRequests(file, open);
    const guards = await checkGuarded(open, file);
    const mesh = await checkMesh(name, open);
    const others = [...gateways, ...prometheus, ...guards, ...requests, mesh];
    return { target: open.target, checks: [there, ...clusters.flat(), ...others] };
  } catch (error) {
    const told = error instanceof InvalidFile ? { fix: describeInvalid(error, false).trimEnd() } : {};
    const fix = error instanceof FaultlineError && error.hint !== undefined ? { fix: error.hint } : told;
    return { target: open?.target, checks: [{ what: `target ${name}`, ok: false, detail: messageOf(error), ...fix }] };
  } finally {
    await open?.close();
  }
}

/** Whether the requests of a scenario are answered as it calls good. */
async function checkRequests(file: string, open: OpenTarget): Promise<Check[]> {
  try {
    const { value: scenario, text } = loadScenario(file, []);
    return await tryRequests(scenario, text, file, open);
  } catch (error) {
    const fix = error instanceof InvalidFile ? describeInvalid(error, false).trimEnd() : hintOf(error);
    return [
      { what: `requests of ${file}`, ok: false, detail: messageOf(error), ...(fix === undefined ? {} : { fix }) },
    ];
  }
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const hintOf = (error: unknown): string | undefined => (error instanceof FaultlineError ? error.hint : undefined);

/** `kinds` of faults: all where no scenario says which are wanted. */
async function checkCluster(open: OpenCluster, target: Target, kinds: readonly FaultKind[]): Promise<Check[]> {
  const { cluster, gateways } = open;
  const what = `cluster ${cluster.name}`;
  try {
    const { server, version } = await cluster.identity();
    const nodes = await cluster.list(KINDS.node, {});
    const zones = await zonesIn(cluster, target.observe);
    const unknown = gateways.filter((gateway) => !zones.has(gateway.zone)).map((gateway) => gateway.zone);
    const reachable = { what, ok: true, detail: `${server}, Kubernetes ${version}, ${counted(nodes.length, 'node')}` };
    const fix = inContext('kubectl get nodes -L topology.kubernetes.io/zone', cluster);
    const zonesMissing = { what: `${what} zones`, ok: false, detail: `no node or pod in ${unknown.join(', ')}`, fix };
    return [
      reachable,
      ...(unknown.length === 0 ? [] : [zonesMissing]),
      ...(await checkPermissions(open, target)),
      ...(await checkObserved(cluster, target.observe)),
      await checkProxies(cluster, target.observe),
      ...[(await checkClock(cluster, systemClock)) ?? []].flat(),
      ...(await checkLeft(cluster, target)),
      ...(await checkFaults(cluster, target, kinds)),
    ];
  } catch (error) {
    return [
      { what, ok: false, detail: messageOf(error).replace(`${what}: `, ''), fix: fixOf(error, cluster) },
      ...(isDenied(error) ? await checkPermissions(open, target).catch(() => []) : []),
    ];
  }
}

const isDenied = (error: unknown): boolean => error instanceof FaultlineError && error.code === 'PERMISSION_DENIED';

const fixOf = (error: unknown, cluster: Cluster): string =>
  (isDenied(error) ? hintOf(error) : undefined) ?? inContext('kubectl version', cluster);

/** Whether anything of the mesh will make failover fail. No run hangs on it. */
async function checkMesh(name: string, open: OpenTarget): Promise<Check> {
  const what = 'mesh without lint errors';
  const fix = shellCommand(['faultline', 'lint', '--target', name]);
  try {
    const { findings } = await lintTarget(open, undefined);
    const errors = errorLines(findings);
    if (errors.length === 0) return { what, ok: true, detail: countText(findings) };
    return { what, ok: false, optional: true, detail: [countText(findings), ...errors].join('; '), fix };
  } catch (error) {
    return { what, ok: false, optional: true, detail: messageOf(error), fix };
  }
}

/** Which kinds of faults the API allows wherever the target does, and what each of the others lacks. */
async function checkFaults(cluster: Cluster, target: Target, kinds: readonly FaultKind[]): Promise<Check[]> {
  const all = await Promise.all(kinds.map((kind) => checkFault(cluster, target, kind)));
  const missing = all.flatMap((check) => check ?? []);
  const granted = all.length - missing.length;
  if (granted === 0) return missing;
  const detail = `${missing.length === 0 ? 'all ' : ''}${counted(granted, 'kind')} allowed in ${target.namespaces.join(', ')}`;
  return [{ what: `faults in ${cluster.name}`, ok: true, detail }, ...missing];
}

/** What a kind of fault lacks; undefined where the API allows it. */
async function checkFault(cluster: Cluster, target: Target, kind: FaultKind): Promise<Check | undefined> {
  const what = `fault ${kind.kind} in ${cluster.name}`;
  const missing = await deniedToKind(cluster, target, kind);
  if (missing.length === 0) return undefined;
  const fix = 'Only for scenarios with this fault, whose Roles `faultline plan … --rbac` prints.';
  return { what, ok: false, optional: true, detail: `not allowed: ${missing.join('; ')}`, fix };
}
