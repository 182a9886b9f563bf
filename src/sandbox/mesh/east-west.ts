import { eastWestPort } from '../../mesh/east-west.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { ObjectStore } from '../api/store.ts';
import type { AddressPlan } from '../nodes/addresses.ts';
import { announceAddress, readyTargets } from './balanced-service.ts';
import type { EastWestGateways } from './east-west-gateways.ts';
import type { MeshPod } from './mesh-pod.ts';

/**
 * The cloud's part of the way into a cluster's network: an address for each LoadBalancer Service that Istio takes for one.
 * It works on connections, and refuses them where no pod is ready.
 */
export class EastWestBalancers {
  readonly #store: ObjectStore;
  readonly #addressOf = new Map<string, string>();
  readonly #stopListening: () => void;

  constructor(options: {
    readonly store: ObjectStore;
    readonly addresses: AddressPlan;
    readonly gateways: EastWestGateways;
    /** In whose block of the address plan they are. */
    readonly zoneNumber: number;
    readonly podAt: (ip: string) => MeshPod | undefined;
  }) {
    const { store, addresses, gateways, zoneNumber, podAt } = options;
    this.#store = store;
    this.#stopListening = store.onChange(({ type, object }) => {
      if (object.kind !== 'Service' || type === 'DELETED') return;
      const port = eastWestPort(object);
      const { name = '', namespace = '' } = object.metadata;
      if (port === undefined || (object.spec as { type?: string } | undefined)?.type !== 'LoadBalancer') return;
      const service = { store, namespace, name };
      const key = `${namespace}/${name}`;
      const ip = this.#addressOf.get(key) ?? addresses.eastWestIp(zoneNumber, this.#addressOf.size);
      this.#addressOf.set(key, ip);
      gateways.add(`${ip}:${port}`, () =>
        readyTargets(service, port).flatMap((target) => {
          const pod = podAt(target.ip);
          return pod === undefined ? [] : [pod.passing(target.port)];
        }),
      );
      announceAddress(service, ip);
    });
  }

  /** Services that wait for a pod behind them. */
  missing(): string[] {
    return this.#services().flatMap((service) => {
      const { name = '', namespace = '' } = service.metadata;
      const port = eastWestPort(service);
      const ready = port !== undefined && readyTargets({ store: this.#store, namespace, name }, port).length > 0;
      return ready ? [] : [`east-west gateway ${namespace}/${name}`];
    });
  }

  close(): void {
    this.#stopListening();
  }

  #services(): KubeObject[] {
    return this.#store
      .list(KINDS.service)
      .filter(({ metadata }) => this.#addressOf.has(`${metadata.namespace}/${metadata.name}`));
  }
}
