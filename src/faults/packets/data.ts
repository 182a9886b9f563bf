import type { Json } from '../../model/scenario.ts';
import type { Ratio } from '../../model/units.ts';
import { hasFields } from '../has-fields.ts';
import type { DataOf, InPodData } from '../in-pod/data.ts';
import type { Calls, Effect } from './rules.ts';

/** Pods by what a scenario says of them; each field narrows. */
export type Aim = {
  readonly namespaces: readonly string[];
  /** The workload that they belong to, as `Kind/name`. */
  readonly owner: string | null;
  /** A Service that selects them. */
  readonly service: string | null;
  /** Label selector in its text form. */
  readonly selector: string | null;
  readonly zone: string | null;
  readonly region: string | null;
  /** How many of them; null: all. */
  readonly count: number | null;
  readonly percent: Ratio | null;
};

/** The other end of packets. */
export type Peer =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'ranges'; readonly ranges: readonly string[] }
  /** Its endpoints, ready or not, and the addresses that it has itself. */
  | { readonly kind: 'service'; readonly namespace: string; readonly service: string }
  | { readonly kind: 'pods'; readonly aim: Aim };

/** What is done in which pods. */
export type Side = {
  readonly aim: Aim;
  readonly peer: Peer;
  readonly calls: Calls;
  readonly port: number | null;
  /** Packets that stay in the pod are hit, too. */
  readonly inside?: true;
};

/** The part of its plan that every fault of packets has. */
export type PacketData = InPodData & { readonly effect: Effect; readonly sides: readonly Side[] };

/** What the plan of a fault of packets holds. */
export const PACKET_DATA: DataOf<PacketData> = {
  isData: (data) => {
    const isWhole = hasFields(data, { namespaces: 'list', image: 'string', expirySeconds: 'number', sides: 'list' });
    return isWhole && hasFields((data as { effect?: Json }).effect, { kind: 'string' });
  },
  bare: (namespace, image) => ({
    ...{ namespaces: [namespace], image },
    ...{ expirySeconds: 0, effect: { kind: 'drop' }, sides: [] },
  }),
};
