import type { Millis, Ratio } from './units.ts';

type Workload = {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Rollout';
  readonly name: string;
};

/** The pods of a zone, in some namespaces. */
export type ZonePods = { readonly cluster: string; readonly zone: string; readonly namespaces: readonly string[] };

/** What becomes of packets. A late one is so once there and back. */
export type PacketEffect =
  | { readonly kind: 'drop' | 'refuse' }
  | { readonly kind: 'loss'; readonly ratio: Ratio }
  | { readonly kind: 'delay'; readonly ms: Millis };

/**
 * What a fault does to pods, as its block alone tells: for whoever predicts it, or warns of it. The words are those of a
 * mesh, and none is of one kind of fault: a kind that none of them fits is `untold`.
 */
export type FaultMove =
  | { readonly kind: 'nothing' }
  /** Pods that do not serve replace those of a workload, as it rolls out. */
  | {
      readonly kind: 'rollout';
      readonly cluster: string;
      readonly namespace: string;
      readonly workload: Workload;
      /** Undefined where the workload has only one. */
      readonly container: string | undefined;
    }
  /** A workload has so many pods left. */
  | {
      readonly kind: 'scale';
      readonly cluster: string;
      readonly namespace: string;
      readonly workload: Workload;
      readonly left: number;
    }
  /** The own proxies of callers answer in place of a host, or let their calls of it wait. */
  | {
      readonly kind: 'caller-fault';
      readonly cluster: string;
      /** Of the callers. */
      readonly namespace: string;
      readonly callers: Readonly<Record<string, string>>;
      /** A name without dots is of that namespace. */
      readonly host: string;
      readonly status: number | undefined;
      readonly delayMs: Millis | undefined;
      readonly percent: Ratio;
      /** Whether only requests with certain headers are hit. */
      readonly isOfSome: boolean;
    }
  /** The sidecars of pods answer in their place, or late. */
  | {
      readonly kind: 'inbound-fault';
      readonly status: number | undefined;
      readonly delayMs: Millis | undefined;
      readonly percent: Ratio;
      /** Whether only requests with certain headers, or to one port, are hit. */
      readonly isOfSome: boolean;
    }
  /** Packets of pods are refused, dropped, lost by chance or late, whoever is at their other end. */
  | {
      readonly kind: 'packets';
      readonly effect: PacketEffect;
      /** Calls that others make to the pods, that the pods make, or both. */
      readonly calls: 'in' | 'out' | 'both';
      /** The port that is called; undefined: any. */
      readonly port: number | undefined;
    }
  /** The proxies of a cluster hear of nothing that changes. */
  | { readonly kind: 'deaf'; readonly cluster: string }
  /** Pods are deleted, once or again and again. */
  | { readonly kind: 'kill'; readonly everyMs: Millis | undefined; readonly forced: boolean }
  /** Pods are taken away, and none takes their place. */
  | { readonly kind: 'removal' }
  /** Only calls that leave their network meet it; `why` says what nobody can tell of those. */
  | { readonly kind: 'crossings'; readonly why: string }
  /** It acts where no model of proxies and endpoints can tell what comes of it; `why` says of its kind what is missing. */
  | {
      readonly kind: 'untold';
      readonly why: string;
      /** Nothing is heard of these pods any more, and nothing refuses a connection for them. */
      readonly silenced?: ZonePods;
    };
