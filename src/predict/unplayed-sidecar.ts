import { namespaceOf, object, objects } from '../mesh/config-read.ts';
import type { LiveSystem } from './live-system.ts';

/** What a Sidecar may say of a proxy that is played: whom it is for, and what it sees. */
const PLAYED = {
  spec: ['workloadSelector', 'outboundTrafficPolicy', 'egress'],
  outboundTrafficPolicy: ['mode'],
  egress: ['hosts', 'port'],
  port: ['number', 'name', 'protocol'],
} as const;

/** What of a Sidecar is not played, such as listeners of its own; undefined where there is none such. */
export function unplayedSidecar({ clusters }: LiveSystem): string | undefined {
  for (const sidecar of clusters.flatMap(({ sidecars }) => sidecars)) {
    const spec = object(sidecar.spec);
    const egress = objects(spec.egress);
    const field =
      otherField(spec, 'spec') ??
      otherField(object(spec.outboundTrafficPolicy), 'outboundTrafficPolicy') ??
      egress
        .map((listener) => otherField(listener, 'egress') ?? otherField(object(listener.port), 'port'))
        .find(Boolean);
    if (field === undefined) continue;
    return `Sidecar ${namespaceOf(sidecar)}/${sidecar.metadata.name} has a field that is not played: ${field}`;
  }
  return undefined;
}

function otherField(block: object, kind: keyof typeof PLAYED): string | undefined {
  const known: readonly string[] = PLAYED[kind];
  const other = Object.keys(block).find((field) => !known.includes(field));
  return other && (kind === 'spec' ? `spec.${other}` : `${kind}.${other}`);
}
