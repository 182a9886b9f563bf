import { GATEWAY } from '../../model/callees.ts';
import type { PathRule } from '../../model/good.ts';
import { type CallersPlace, isFrom } from '../../model/place.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { Path } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';
import type { Site } from '../facts/sites.ts';
import { Delivery, type Paced } from '../timeline/silence.ts';
import type { Segment } from '../timeline/windows.ts';
import type { ChainKind, ChainRef } from './chains.ts';
import type { Sending } from './classify.ts';
import { Reorder } from './reorder.ts';

type CallingSite = Pick<Site, 'zone' | 'cluster' | 'doubt'>;

/** A hop with the place of the proxy that called it: that of the gateway or of another hop. */
export type Call = {
  readonly service: string;
  readonly zone: string;
  readonly fromZone: string;
  readonly site: Site;
  readonly from: CallingSite;
  /** Clusters of the pod and of its caller, as far as they are known; for what is shown. */
  readonly cluster: string | undefined;
  readonly fromCluster: string | undefined;
};

/** One chain kind on one path: what a request of it adds to is worked out once. */
export type Route = {
  /** Dense over all paths, in order of appearance. */
  readonly id: number;
  readonly path: PathStream;
  readonly kind: ChainKind;
  /** Whether the kind is that of a good answer on the path. */
  readonly complete: boolean;
  readonly calls: readonly Call[];
  /** Why it is not known of a call who made it; undefined where all are known. */
  readonly untold: string | undefined;
  /** Share of its calls that were served in their caller's own zone; 1 where there are none. */
  readonly ownZone: number;
};

/** The records of one path, in due order. */
export class PathStream {
  /** Dense over all paths; what counts per path has a row of this number. */
  readonly row: number;
  /** Index in the record file; -1 for a path of the topology that the file does not have. */
  readonly index: number;
  readonly id: string;
  /** Of its request; empty for a proxy. */
  readonly name: string;
  readonly zone: string;
  readonly cluster: string;
  /** No path of requests: the calls that one proxy counted. */
  readonly ofProxy: boolean;
  readonly reorder: Reorder;
  readonly delivery: Delivery;
  /** What is good on it. */
  readonly rule: PathRule;
  /** Requests per second. */
  readonly rate: number;
  /** The longest time without a request that its rate explains. */
  readonly quiet: Micros;
  /** By chain kind. */
  readonly routes: (Route | undefined)[] = [];
  /** Where the latest record was due. */
  segment: Segment;
  lastDue: Micros = -1;
  readonly sending: Sending = { last: Number.NEGATIVE_INFINITY, inCrowd: false };
  records = 0;
  /** Latency of the slowest good answer before the first injection. */
  slowestGood: Micros = 0;

  constructor(
    row: number,
    index: number,
    id: string,
    path: Pick<Path, 'zone' | 'cluster'> | undefined,
    parts: {
      ofProxy?: boolean;
      first: Segment;
      name: string;
      pace: Paced;
      rule: PathRule;
      /** How long a record may be overtaken by others. */
      bound: Micros;
      /** Gets records in due order, with the number of those missing right before. */
      emit: (path: PathStream, record: RequestRecord, missing: number) => void;
    },
  ) {
    this.row = row;
    this.index = index;
    this.id = id;
    this.name = parts.name;
    this.zone = path?.zone ?? id.slice(id.lastIndexOf('/') + 1);
    this.cluster = path?.cluster ?? '';
    this.ofProxy = parts.ofProxy ?? false;
    this.segment = parts.first;
    this.delivery = new Delivery(parts.pace);
    this.rate = parts.pace.rate;
    this.quiet = parts.pace.quiet;
    this.rule = parts.rule;
    this.reorder = new Reorder(parts.bound, (record, missing) => parts.emit(this, record, missing));
  }

  /** Requests that were due: those with a record and those without. */
  get due(): number {
    return this.records + this.reorder.missing;
  }
}

/** The calls that a chain tells of on a path, and why it does not tell of one. */
export function callsOf(
  { chain: { hops }, sites, clusters, callers, unknown }: ChainKind,
  path: PathStream,
): Pick<Route, 'calls' | 'untold'> {
  let untold = unknown;
  const calls = hops.flatMap(({ service, zone }, i): Call[] => {
    const caller = callers[i];
    const from = caller === GATEWAY ? gatewayOf(path) : sites[caller ?? hops.length];
    const fromZone = from?.zone ?? '';
    // A proxy names its hosts itself, and those without a zone are in none.
    if (from !== undefined && (path.ofProxy || ![service, zone, fromZone].includes(''))) {
      const [cluster, fromCluster] = [clusters[i], from.cluster ?? clusters[caller ?? hops.length]];
      return [{ service, zone, fromZone, site: sites[i] as Site, from, cluster, fromCluster }];
    }
    untold ??=
      caller === undefined
        ? `nothing before ${service} calls it by load.chain.calls`
        : `${service} or its caller has no zone`;
    return [];
  });
  return { calls, untold };
}

function gatewayOf({ zone, cluster }: PathStream): CallingSite {
  return { zone, cluster: cluster === '' ? undefined : cluster };
}

/** Where the hop was that made the call that failed, or the gateway. */
export function failedCaller({ kind, path }: Route, { missing }: ChainRef): CallingSite {
  return kind.sites[missing[path.rule.index]?.caller ?? GATEWAY] ?? gatewayOf(path);
}

/** Whether a call of a service is one of the callers that a clause speaks of; undefined where nobody knows. */
export function isCallOf(call: Call, { service, from }: { service: string; from: CallersPlace }): boolean | undefined {
  return call.service === service && isFrom(call.from, from);
}
