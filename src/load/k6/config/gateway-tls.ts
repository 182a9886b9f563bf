import { FaultlineError } from '../../../model/errors.ts';
import type { SentLoad } from '../../../model/ports.ts';
import type { GatewayTls, Target } from '../../../model/target.ts';

/** The certificates that are trusted on every path, as PEM; undefined where they are the system's. */
export function authorityOf({ tls }: Pick<SentLoad, 'tls'>): string | undefined {
  return Object.values(tls ?? {}).find(({ ca }) => ca !== undefined)?.ca;
}

const OTHER_ENGINE = 'Write `engine: undici` in the scenario, or leave it out.';

/**
 * Refuses what a k6 cannot do for the gateways of a target: it has one set of trusted authorities (`own`: it can be given
 * one), no client certificate and no gateway that is not checked. Throws FaultlineError LOAD.
 */
export function refuseTls({ name, clusters }: Target, engine: string, own: boolean): void {
  const refuse = (gateway: string, what: string): never => {
    const message = `${engine} cannot speak TLS to gateway ${gateway} as target ${name} says: ${what}.`;
    throw new FaultlineError('LOAD', message, { hint: OTHER_ENGINE });
  };
  const gateways = clusters.flatMap((cluster) =>
    cluster.gateways
      .filter(({ address }) => address.protocol === 'https')
      .map(({ zone, tls }) => ({ gateway: `${cluster.name}/${zone}`, tls })),
  );
  const [first] = gateways;
  for (const { gateway, tls } of gateways) {
    if (tls?.client !== undefined) refuse(gateway, 'it has no client certificates (tls.cert)');
    if (tls?.insecure) refuse(gateway, 'it checks every certificate (tls.insecure)');
    if (tls?.ca !== undefined && !own) refuse(gateway, 'its pods trust the authorities of their image only (tls.ca)');
    if (sourceOf(tls) !== sourceOf(first?.tls))
      refuse(gateway, `it trusts the same authorities everywhere, and tls.ca is not that of ${first?.gateway}`);
  }
}

function sourceOf(tls: GatewayTls | undefined): string {
  if (tls?.ca === undefined) return '';
  return 'env' in tls.ca ? `env ${tls.ca.env}` : `file ${tls.ca.file}`;
}
