import { once } from 'node:events';
import { connect } from 'node:net';
import { checkObserved, checkPermissions, zonesIn } from '../../app/check-target.ts';
import { lintTarget } from '../../app/lint-target.ts';
import { ENGINE_PORTS } from '../../app/load-cluster.ts';
import { type OpenTarget, openTarget, targetNeeds } from '../../app/targets/index.ts';
import { FAULT_KINDS } from '../../faults/index.ts';
import { ENGINE_KINDS } from '../../load/engines.ts';
import type { Check } from '../../model/engine.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import type { FaultKind } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { GatewayAddress, Target } from '../../model/target.ts';
import { deniedToKind } from '../../run/permissions.ts';
import type { OpenCluster } from '../../run/wiring.ts';
import { countText, errorLines } from '../lint-text.ts';
import { openConsole } from '../output.ts';

/** `faultline doctor`: exit 0 when everything a run needs is there, else 3. */
export async function doctor(
  _args: readonly string[],
  options: { target: string; output: 'text' | 'json' },
): Promise<number> {
  const out = openConsole(options.output);
  const { target, checks: ofTarget } = await checkTarget(options.target);
  const ofEngines = await Promise.all(ENGINE_KINDS.map((kind) => kind.doctor(target, ENGINE_PORTS)));
  const checks = [checkNode(), ...(await targetNeeds(options.target)), ...ofTarget, ...ofEngines.flat()];
  if (out.json) out.data(JSON.stringify(checks, null, 2));
  else for (const check of checks) out.data(line(check));
  return checks.every((check) => check.ok || check.optional) ? EXIT.pass : EXIT.refused;
}

function line({ ok, optional, what, detail, fix }: Check): string {
  return `${ok ? 'ok     ' : optional ? 'absent ' : 'MISSING'} ${what}: ${detail}${fix === undefined ? '' : `\n        ${fix}`}`;
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

async function checkTarget(name: string): Promise<{ target: Target | undefined; checks: readonly Check[] }> {
  let open: OpenTarget | undefined;
  try {
    open = await openTarget(name, undefined);
    const { target } = open;
    const clusters = await Promise.all([...open.clusters.values()].map((cluster) => checkCluster(cluster, target)));
    const gateways = await Promise.all(
      [...open.clusters.values()].flatMap((cluster) =>
        cluster.gateways.map(({ zone, address }) => checkGateway(`gateway ${cluster.cluster.name}/${zone}`, address)),
      ),
    );
    const there = { what: `target ${name}`, ok: true, detail: `${clusters.length} clusters` };
    return { target: open.target, checks: [there, ...clusters.flat(), ...gateways, await checkMesh(name, open)] };
  } catch (error) {
    const fix = error instanceof FaultlineError && error.hint !== undefined ? { fix: error.hint } : {};
    return { target: open?.target, checks: [{ what: `target ${name}`, ok: false, detail: messageOf(error), ...fix }] };
  } finally {
    await open?.close();
  }
}

async function checkCluster(open: OpenCluster, target: Target): Promise<Check[]> {
  const { cluster, gateways } = open;
  const what = `cluster ${cluster.name}`;
  try {
    const { server, version } = await cluster.identity();
    const nodes = await cluster.list(KINDS.node, {});
    const zones = await zonesIn(cluster, target.observe);
    const unknown = gateways.filter((gateway) => !zones.has(gateway.zone)).map((gateway) => gateway.zone);
    const reachable = { what, ok: true, detail: `${server}, Kubernetes ${version}, ${nodes.length} nodes` };
    const fix = 'kubectl get nodes -L topology.kubernetes.io/zone';
    const zonesMissing = { what: `${what} zones`, ok: false, detail: `no node or pod in ${unknown.join(', ')}`, fix };
    return [
      reachable,
      ...(unknown.length === 0 ? [] : [zonesMissing]),
      ...(await checkPermissions(open, target)),
      ...(await checkObserved(cluster, target.observe)),
      ...(await Promise.all(FAULT_KINDS.map((kind) => checkFault(cluster, target, kind)))),
    ];
  } catch (error) {
    return [
      { what, ok: false, detail: messageOf(error), fix: 'kubectl version, with the context of the targets file' },
    ];
  }
}

/** Whether anything of the mesh will make failover fail. No run hangs on it. */
async function checkMesh(name: string, open: OpenTarget): Promise<Check> {
  const what = 'mesh without lint errors';
  const fix = `faultline lint --target ${name}`;
  try {
    const { findings } = await lintTarget(open, undefined);
    const errors = errorLines(findings);
    if (errors.length === 0) return { what, ok: true, detail: countText(findings) };
    return { what, ok: false, optional: true, detail: [countText(findings), ...errors].join('; '), fix };
  } catch (error) {
    return { what, ok: false, optional: true, detail: messageOf(error), fix };
  }
}

/** Whether the API allows a kind of fault wherever the target does. */
async function checkFault(cluster: Cluster, target: Target, kind: FaultKind): Promise<Check> {
  const what = `fault ${kind.kind} in ${cluster.name}`;
  const missing = await deniedToKind(cluster, target, kind);
  if (missing.length === 0) return { what, ok: true, detail: `allowed in ${target.namespaces.join(', ')}` };
  const fix = 'Grant these verbs to the user of the context, only for scenarios with this fault.';
  return { what, ok: false, optional: true, detail: `not allowed: ${missing.join('; ')}`, fix };
}

/** Longest wait for a gateway to accept a connection, in milliseconds. */
const CONNECT_LIMIT_MS = 3_000;

async function checkGateway(what: string, address: GatewayAddress): Promise<Check> {
  if (address.kind === 'service') {
    return { what, ok: true, detail: `read from Service ${address.namespace}/${address.name} when a run begins` };
  }
  const { host, port } = address;
  const socket = connect({ host, port });
  socket.setTimeout(CONNECT_LIMIT_MS, () => socket.destroy(new Error(`no answer for ${CONNECT_LIMIT_MS / 1000} s`)));
  try {
    await once(socket, 'connect');
    return { what, ok: true, detail: `${host}:${port} accepts connections` };
  } catch (error) {
    const fix = 'Check address and port in the targets file, and the gateway Service.';
    return { what, ok: false, detail: `${host}:${port}: ${messageOf(error)}`, fix };
  } finally {
    socket.destroy();
  }
}
