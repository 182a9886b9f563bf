import { FAULT_KINDS } from '../../faults/index.ts';
import { ENGINE_KINDS } from '../../load/engines.ts';
import type { Check } from '../../model/engine.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { inContext } from '../../model/kubectl.ts';
import { namingTarget } from '../../model/recover-command.ts';
import type { Target } from '../../model/target.ts';
import { resolveAddress } from '../../run/topology.ts';
import { ENGINE_PORTS } from '../drill/load-cluster.ts';
import { describeInvalid, InvalidFile, loadScenario } from '../files/load-files.ts';
import { type OpenTarget, openTarget, targetNeeds } from '../targets/index.ts';
import { checkGateway } from './check-gateway.ts';
import { checkGuarded } from './check-guards.ts';
import { checkPrometheus } from './check-prometheus.ts';
import { checkCluster } from './cluster.ts';
import { checkMesh } from './mesh.ts';
import { tryRequests } from './try-requests.ts';
import { counted, hintOf } from './words.ts';

/**
 * Everything that a run needs, looked at: of this machine, of a target (`name` as `--target` has it), of the engines, and of the
 * requests of a scenario file where one is given. What is amiss is a check that is not ok, and no rejection.
 */
export async function examine(name: string, file: string | undefined): Promise<Check[]> {
  const { target, checks: ofTarget } = await checkTarget(name, file);
  const ofEngines = await Promise.all(ENGINE_KINDS.map((kind) => kind.doctor(target, ENGINE_PORTS)));
  const all = [checkNode(), ...(await targetNeeds(name)), ...ofTarget, ...ofEngines.flat()];
  return all.map((check) => (check.fix === undefined ? check : { ...check, fix: namingTarget(check.fix, name) }));
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
          return checkGateway(`gateway ${id}`, gateway, material.of([place])[id], resolve).then((check) =>
            check.fix === undefined ? check : { ...check, fix: inContext(check.fix, cluster.cluster) },
          );
        }),
      ),
    );
    const prometheus = await checkPrometheus(open);
    const there = { what: `target ${name}`, ok: true, detail: counted(clusters.length, 'cluster') };
    const requests = file === undefined ? [] : await checkRequests(file, open);
    const guards = await checkGuarded(open, file);
    const mesh = await checkMesh(name, open, file);
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
