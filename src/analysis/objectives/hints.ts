import type { Endpoint } from '../../model/target.ts';
import type { Case } from '../facts/case.ts';
import { ejectionCoverage } from '../facts/ejection-coverage.ts';
import { areMostly, type Group, SLOWER } from '../facts/failure-groups.ts';
import { count, list, seconds } from '../facts/format.ts';
import { addressOf } from '../facts/pod-address.ts';
import type { PathOutcome, StageOutcome } from '../facts/recoveries.ts';
import { type Stray, worstStray } from '../facts/strays.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Stage } from '../timeline/stages.ts';
import { within } from '../timeline/windows.ts';

/** Services of the call chain that the faults of a stage hit. */
function hitServices(run: Case, stage: Stage): string[] {
  const services = stage.active.flatMap((fault) => fault.affected.flatMap((pod) => run.pods.serviceOf(pod) ?? []));
  return [...new Set(services)];
}

/** An outlierDetection that was taken away while the run went on, as the proxies' statistics tell it. */
export function lostText(run: Case, service: string): string | undefined {
  const { lost, read } = run.ejectionsOf(service);
  if (lost === undefined) return undefined;
  const delay = lost.at - (run.facts.firstInject ?? lost.at);
  const when = `${seconds(Math.abs(delay))} s ${delay < 0 ? 'before' : 'after'} the injection`;
  return `${lost.callers} of ${count(read, 'calling proxy', 'calling proxies')} lost outlierDetection for ${service} ${when}`;
}

/** What was recorded that explains by itself why traffic went elsewhere than it should, as the end of a cause; or empty. */
export function recordedSuffix(run: Case, stage: Stage): string {
  const [lost] = hitServices(run, stage).flatMap((service) => lostText(run, service) ?? []);
  const text = lost ?? wrongRegion(run);
  return text === undefined ? '' : `; ${text}`;
}

export const REGION_HINT =
  'The mesh goes by the topology.kubernetes.io/region label of the node, not by the targets file: correct whichever is wrong.';
const LOST_HINT =
  'Somebody deleted or edited the DestinationRule then: without outlierDetection Envoy knows neither ejection nor failover by locality.';

/** Endpoints whose nodes say another region than the targets file says of their cluster. */
export function wrongRegion(run: Case): string | undefined {
  const declared = new Map(run.facts.header.topology.clusters.map(({ name, region }) => [name, region]));
  const isWrong = ({ cluster, region }: Endpoint): boolean => declared.has(cluster) && declared.get(cluster) !== region;
  const odd = run.facts.endpoints.flatMap(({ endpoints }) => endpoints).find(isWrong);
  if (odd === undefined) return undefined;
  return `the node of ${odd.pod} in ${odd.zone} has the region label ${odd.region}, and the targets file has ${odd.cluster} in ${declared.get(odd.cluster)}`;
}

/** Ready endpoints of a zone that answered nothing before the fault, although their neighbours did. */
function deadEndpoint(run: Case, service: string, zone: string): string | undefined {
  const unable = run.unable(service);
  const here = run.pods.behind(service, run.windows.baseline.end)?.filter((endpoint) => endpoint.zone === zone);
  const dead = here?.filter((endpoint) => unable.has(addressOf(endpoint))) ?? [];
  if (dead.length === 0) return undefined;
  const { activeBefore } = run.ejectionsOf(service);
  const held = activeBefore > 0 ? `, and proxies hold ${count(activeBefore, 'host')} of ${service} ejected` : '';
  return `${list(dead.map(({ pod }) => pod))} in ${zone} ${dead.length === 1 ? 'is' : 'are'} ready and answered nothing${held}.`;
}

/** Why calls of a service left a zone although nothing had been injected: what was recorded, or who can tell; nothing without such calls. */
export function strayHint(run: Case, stray: Stray | undefined): string | undefined {
  if (stray === undefined) return undefined;
  if (wrongRegion(run) !== undefined) return REGION_HINT;
  return (
    deadEndpoint(run, stray.service, stray.fromZone) ??
    `Whether localityLbSetting, outlierDetection or a zone label of a node lets calls of ${stray.service} leave their zone is not in the record: \`faultline lint\` reads the mesh and says it.`
  );
}

/** What the proxies' counters of one service say of its outlierDetection; undefined where they say nothing. */
function ejectionHint(run: Case, service: string): string | undefined {
  const seen = run.ejectionsOf(service);
  const rule = `the DestinationRule of ${service}`;
  const short = `outlierDetection.baseEjectionTime is shorter than the hold, or ${rule} was edited.`;
  if (seen.lost !== undefined) return LOST_HINT;
  if (seen.released !== undefined) {
    return `${seen.released.pod} let an ejected host go after ${seconds(seen.released.after)} s although no endpoint changed: ${short}`;
  }
  if (seen.mostActive > 0 && seen.most.ejections > seen.mostActive) {
    return `${seen.most.pod} ejected ${seen.most.ejections} times and never held more than ${seen.mostActive} at once: what it had ejected came back and failed again. ${short}`;
  }
  if (seen.overflow > 0) {
    return `outlierDetection.maxEjectionPercent in ${rule} kept hosts from being ejected (ejections_overflow ${seen.overflow}): with few hosts a small percentage is less than one host.`;
  }
  if (seen.enforced.lo === 0 && run.facts.ejectionsBySight.size > 0 && ejectionCoverage(run.facts).complete) {
    return `No proxy was seen to eject anything of ${service}: no outlierDetection in ${rule}, or a maxEjectionPercent below one host? Envoy never leaves the dead zone then; \`faultline lint\` reads the rule.`;
  }
  if (seen.enforced.hi === 0 && ejectionCoverage(run.facts).complete) {
    return `Nothing of ${service} was ejected: no outlierDetection in ${rule}? Without it Envoy never leaves the dead zone.`;
  }
  return undefined;
}

/** Which knob to look at when traffic did not move, or not in time: what was recorded, or nothing. */
export function failoverHint(run: Case, stage: Stage): string | undefined {
  for (const service of hitServices(run, stage)) {
    const hint = ejectionHint(run, service);
    if (hint !== undefined) return hint;
    if (wrongRegion(run) !== undefined) return REGION_HINT;
    if (run.ejectionsOf(service).concerned.lo > 0) {
      return `The proxies did eject ${service}: where traffic goes then is decided by localityLbSetting.failover and failoverPriority in the DestinationRule of ${service}, and by the zone and region labels of the nodes.`;
    }
  }
  return undefined;
}

/** The same for callers who did not come home. */
export function failbackHint(run: Case, service: string): string | undefined {
  const { lost, mostActive } = run.ejectionsOf(service);
  if (lost !== undefined) return LOST_HINT;
  if (wrongRegion(run) !== undefined) return REGION_HINT;
  return mostActive > 0
    ? 'outlierDetection.baseEjectionTime plus one outlierDetection.interval pass before an ejected pod is tried again.'
    : undefined;
}

/** Which knob to look at when it cost too many errors: only where the proxies have recorded ejections of what was hit. */
export function budgetHint(run: Case): string | undefined {
  const services = run.stages.flatMap((stage) => hitServices(run, stage));
  return services.some((service) => run.ejectionsOf(service).concerned.lo > 0)
    ? 'consecutive5xxErrors: 1 costs one failure per calling proxy and failing pod, and one for each request under way at the same time; after a rollout, which changes the endpoints, also what is sent in Envoy’s merge window (1 s). Retries with retryOn 5xx in the VirtualService hide them from users where another host of the zone is left, or with retryRemoteLocalities.'
    : undefined;
}

/** Envoy's default connect timeout is 10 s; a recovery is seen a little earlier or later than that. */
const ABOUT_CONNECT_TIMEOUT = { from: 8e6, to: 13e6 };

/** What Envoy answers where a cluster has no host that it may call (response flag UH). */
const NO_HOST = 'no healthy upstream';

/** Where to look when most of some failures are of a kind that ejection has nothing to do with; undefined where they are not. */
export function failureHint(run: Case, is: (group: Group) => boolean): string | undefined {
  const groups = run.listeners.failures.list(is);
  if (areMostly(groups, ({ cause }) => cause.startsWith(SLOWER))) {
    return 'The answers were whole, but slow, and outlierDetection does not react to that: look for a delay in a VirtualService, or for what the services wait for.';
  }
  if (areMostly(groups, ({ cause }) => cause === 'refused')) {
    return "Nobody listened at the gateway's address: look at the gateway's pods, not at outlierDetection.";
  }
  const { texts } = run.collector;
  // An answer of gRPC says it in its message, which is the group's text.
  if (areMostly(groups, ({ cause, text }) => cause.includes(NO_HOST) || texts[text]?.includes(NO_HOST))) {
    return 'The proxy that answered "no healthy upstream" had no other host to call, however healthy the Service: the subset that its route names, or the endpoints that its cluster knows, had no pod elsewhere. `faultline lint` names where.';
  }
  return undefined;
}

/** The path's bad requests were mostly timeouts, and it took about as long as Envoy waits for a connection. */
function isConnectTimeout(run: Case, { lasted }: PathOutcome, is: (group: Group) => boolean): boolean {
  const took = lasted?.hi ?? lasted?.lo ?? 0;
  if (took < ABOUT_CONNECT_TIMEOUT.from || took > ABOUT_CONNECT_TIMEOUT.to) return false;
  return areMostly(run.listeners.failures.list(is), ({ cause }) => cause === 'timeout');
}

/** Which knob to look at when one path did not recover, or not in time. */
export function recoveryHint(run: Case, stage: Stage, outcome: PathOutcome): string | undefined {
  const isOwn = (group: Group): boolean => group.path === outcome.path.id && group.stage === stage.index;
  return isConnectTimeout(run, outcome, isOwn)
    ? 'Envoy waits connectTimeout (10 s by default) before it ejects a host that drops packets: set trafficPolicy.connectionPool.tcp.connectTimeout in the DestinationRule.'
    : (failureHint(run, isOwn) ?? failoverHint(run, stage));
}

/** How the fault may have reached a path: by what was taken away, by calls that crossed zones before it, or by something shared. */
export function collateralHint(run: Case, path: PathStream): string {
  const failure = failureHint(run, (group) => group.path === path.id && group.part === 'stage');
  if (failure !== undefined) return failure;
  const hit = run.stages.flatMap((stage) => hitServices(run, stage));
  if (hit.some((service) => lostText(run, service) !== undefined)) return LOST_HINT;
  if (wrongRegion(run) !== undefined) return REGION_HINT;
  const stray = worstStray(run, within(run.segments, run.windows.baseline), path);
  return stray === undefined
    ? 'None of its calls had crossed zones before the fault, so look for a dependency that both zones share.'
    : `Calls that cross zones before the fault carry it to other zones: ${stray.text}.`;
}

/** One stage's faults in words: what was done, and when it took effect. */
export function faultText({ stage, effect }: StageOutcome): string {
  const what = list(stage.faults.map((fault) => fault.header?.summary ?? fault.name));
  const delay = effect.hi - stage.acknowledged;
  const when =
    delay >= 0 ? `${seconds(delay)} s after the acknowledgement` : `${seconds(-delay)} s before the acknowledgement`;
  return `${what.replace(/\.$/, '')}; it took effect ${when}.`;
}
