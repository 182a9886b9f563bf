import { once } from 'node:events';
import { connect } from 'node:net';
import { startNeeds } from '../../lab/needs.ts';
import { labParts } from '../../lab/parts.ts';
import { probeStart } from '../../lab/up/probes.ts';
import { findK6 } from '../../load/index.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { GatewayAddress, LoadCluster } from '../../model/target.ts';
import type { OpenCluster } from '../../run/wiring.ts';
import { missingPermissions, openLoadCluster } from '../load-cluster.ts';
import { type OpenTarget, openTarget } from '../open-target.ts';
import { openConsole } from '../output.ts';

type Check = {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix?: string;
  /** Only some scenarios need it: its absence is said and is no failure. */
  readonly optional?: true;
};

/** `faultline doctor`: exit 0 when everything a run needs is there, else 3. */
export async function doctor(
  _args: readonly string[],
  options: { target: string; output: 'text' | 'json' },
): Promise<number> {
  const out = openConsole(options.output);
  const lab = options.target === 'lab' ? await checkLab() : [];
  const checks = [checkNode(), await checkK6(), ...lab, ...(await checkTarget(options.target))];
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

/** k6 is only needed where a scenario says `load.engine: k6`, or `auto` at a high rate. */
async function checkK6(): Promise<Check> {
  const found = await findK6();
  const working = found.filter((k6) => k6.problem === undefined);
  const usable = working.find((k6) => k6.extension) ?? working[0];
  const fix = 'faultline k6 build (needs Go 1.25 or newer), only for scenarios with load.engine k6 or auto';
  if (usable !== undefined) {
    const { version, path, from, extension } = usable;
    if (extension)
      return { what: 'k6', ok: true, detail: `${version} with the faultline extension, ${path} (${from})` };
    const detail = `${version} without the faultline extension, ${path} (${from}): for fresh connections only`;
    return { what: 'k6', ok: true, detail, fix };
  }
  const seen = found.map((k6) => `${k6.path} (${k6.from}): ${k6.problem}`).join('; ') || 'no k6 was found';
  return { what: 'k6', ok: false, optional: true, detail: seen, fix };
}

/** What the lab needs of this machine, and whether it is built. */
async function checkLab(): Promise<Check[]> {
  const needs = startNeeds(await probeStart()).map((need) => ({ ...need, what: `lab: ${need.what}` }));
  return [...needs, await checkBuild()];
}

async function checkBuild(): Promise<Check> {
  const what = 'lab: build';
  try {
    const { versions } = await labParts();
    return { what, ok: true, detail: `Kubernetes ${versions.kubernetes}, Envoy ${versions.envoy}` };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error), fix: 'faultline lab build' };
  }
}

async function checkTarget(name: string): Promise<Check[]> {
  let open: OpenTarget | undefined;
  try {
    open = await openTarget(name, undefined);
    const clusters = await Promise.all([...open.clusters.values()].map(checkCluster));
    const gateways = await Promise.all(
      [...open.clusters.values()].flatMap((cluster) =>
        cluster.gateways.map(({ zone, address }) => checkGateway(`gateway ${cluster.cluster.name}/${zone}`, address)),
      ),
    );
    return [
      { what: `target ${name}`, ok: true, detail: `${clusters.length} clusters` },
      ...clusters.flat(),
      ...gateways,
      ...(await checkLoadCluster(open.target.loadCluster)),
    ];
  } catch (error) {
    const fix = error instanceof FaultlineError ? error.hint : undefined;
    return [{ what: `target ${name}`, ok: false, detail: messageOf(error), ...(fix === undefined ? {} : { fix }) }];
  } finally {
    await open?.close();
  }
}

async function checkCluster({ cluster, gateways }: OpenCluster): Promise<Check[]> {
  const what = `cluster ${cluster.name}`;
  try {
    const { server, version } = await cluster.identity();
    const nodes = await cluster.list(KINDS.node, {});
    const zones = new Set(nodes.map((node) => node.metadata.labels?.['topology.kubernetes.io/zone']));
    const unknown = gateways.filter((gateway) => !zones.has(gateway.zone)).map((gateway) => gateway.zone);
    const reachable = { what, ok: true, detail: `${server}, Kubernetes ${version}, ${nodes.length} nodes` };
    if (unknown.length === 0) return [reachable];
    const fix = 'kubectl get nodes -L topology.kubernetes.io/zone';
    return [reachable, { what: `${what} zones`, ok: false, detail: `no node in ${unknown.join(', ')}`, fix }];
  } catch (error) {
    return [
      { what, ok: false, detail: messageOf(error), fix: 'kubectl version, with the context of the targets file' },
    ];
  }
}

/** The cluster of `load.engine: k6-operator`, where the target has one. */
async function checkLoadCluster(where: LoadCluster | undefined): Promise<Check[]> {
  if (where === undefined) return [];
  const what = `load cluster ${where.context}`;
  try {
    const cluster = openLoadCluster(where);
    const { server } = await cluster.identity();
    const missing = await missingPermissions(cluster, where.namespace);
    if (missing.length === 0)
      return [{ what, ok: true, detail: `${server}, has the CRD TestRun, namespace ${where.namespace}` }];
    return [{ what, ok: false, detail: `not allowed in namespace ${where.namespace}: ${missing.join(', ')}` }];
  } catch (error) {
    const fix = 'Install the k6-operator there (its CRD TestRun), or correct loadCluster in the targets file.';
    return [{ what, ok: false, detail: messageOf(error), fix }];
  }
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
