import type { FaultBlock } from '../model/scenario.ts';

/** The pods of a service in one zone, as far as a first fault depends on them. */
export type StarterAim = {
  readonly cluster: string;
  readonly namespace: string;
  readonly zone: string;
  /** The Deployment that all of them belong to; absent where there is none, or several. */
  readonly deployment?: {
    readonly name: string;
    readonly container: string;
    /** It has no pods elsewhere, and no probe that keeps an old pod until a new one serves. */
    readonly canBeSwapped: boolean;
  };
  /** Labels that all of them have. */
  readonly labels: Readonly<Record<string, string>>;
};

/** An image that runs and listens nowhere, as the vendor's page on service-level failover has it. */
const SILENT_IMAGE = 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2';

/**
 * What takes these pods away, for a scenario to start from: another image where that bites, so that callers eject them,
 * and else deletion again and again, so that they leave the endpoints.
 */
export function starterFault({ cluster, namespace, zone, deployment, labels }: StarterAim): {
  readonly kind: string;
  readonly block: FaultBlock;
  readonly ejects: boolean;
} {
  if (deployment?.canBeSwapped) {
    const { name, container } = deployment;
    const image = { container, image: SILENT_IMAGE, command: ['sleep', '3600'] };
    return { kind: 'imageSwap', block: { cluster, namespace, deployment: name, ...image }, ejects: true };
  }
  const aim = deployment === undefined ? { selector: labels } : { deployment: deployment.name };
  const block = { cluster, namespace, ...aim, zone, percent: '100%', every: '2s' };
  return { kind: 'podKill', block, ejects: false };
}
