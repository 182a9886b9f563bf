import { FaultlineError } from '../../../model/errors.ts';
import type { SentLoad } from '../../../model/ports.ts';
import type { Path, PemSource, Target, TlsMaterial } from '../../../model/target.ts';

/** What k6's own HTTP client is told of TLS: one word for all gateways. */
type SharedTls = TlsMaterial & { readonly insecure: boolean };

/** What is spoken to every https gateway of the paths, where they agree as `refuseTls` has made sure. */
export function sharedTls({ tls }: Pick<SentLoad, 'tls'>, paths: readonly Path[]): SharedTls {
  const material = Object.values(tls ?? {});
  const ca = material.find((one) => one.ca !== undefined)?.ca;
  const client = material.find((one) => one.client !== undefined)?.client;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(client === undefined ? {} : { client }),
    insecure: paths.some((path) => path.tls?.insecure),
  };
}

/** A gateway over TLS, and what its targets file says of it. */
type Secured = { readonly gateway: string; readonly tls: Target['clusters'][number]['gateways'][number]['tls'] };

/**
 * Refuses what k6's own HTTP client cannot do for the gateways of a target: it knows one set of authorities, one client
 * certificate and one word for whether certificates are checked. `keys`: it may be given private keys. Throws
 * FaultlineError LOAD.
 */
export function refuseTls({ name, clusters }: Target, engine: string, { keys }: { readonly keys: boolean }): void {
  const gateways = clusters.flatMap((cluster) =>
    cluster.gateways
      .filter(({ address }) => address.protocol === 'https')
      .map(({ zone, tls }): Secured => ({ gateway: `${cluster.name}/${zone}`, tls })),
  );
  const [first] = gateways;
  const refuse = (gateway: string, what: string): never => {
    const message = `${engine} cannot speak TLS to gateway ${gateway} as target ${name} says: ${what}.`;
    const extension = keys
      ? ', or build the extension with `faultline k6 build`'
      : ', or `engine: k6` with the extension';
    throw new FaultlineError('LOAD', message, { hint: `Write \`engine: undici\` in the scenario${extension}.` });
  };
  for (const { gateway, tls } of gateways) {
    const others = (field: string) =>
      `its own HTTP client knows one ${field} for all, and that of ${first?.gateway} differs`;
    if (tls?.client !== undefined && !keys) refuse(gateway, 'a private key (tls.key) does not go into a ConfigMap');
    if (sourceOf(tls?.ca) !== sourceOf(first?.tls?.ca)) refuse(gateway, others('tls.ca'));
    if (sourceOf(tls?.client?.cert) !== sourceOf(first?.tls?.client?.cert)) refuse(gateway, others('tls.cert'));
    if (tls?.insecure !== first?.tls?.insecure) refuse(gateway, others('tls.insecure'));
  }
}

function sourceOf(source: PemSource | undefined): string {
  if (source === undefined) return '';
  return 'env' in source ? `env ${source.env}` : `file ${source.file}`;
}
