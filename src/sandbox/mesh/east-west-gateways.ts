import type { PassingPod } from './passage.ts';

/** The ready pods behind every east-west gateway, by its `ip:port`; none behind any other address. */
export class EastWestGateways {
  readonly #behind = new Map<string, () => PassingPod[]>();

  add(address: string, pods: () => PassingPod[]): void {
    this.#behind.set(address, pods);
  }

  at(address: string): PassingPod[] {
    return this.#behind.get(address)?.() ?? [];
  }
}
