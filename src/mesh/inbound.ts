import type { Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { type IstioVersion, istioDefaults } from './istio-version.ts';
import { resetText } from './outcome.ts';
import { backoffMs } from './retry.ts';

/**
 * What the server's own sidecar answers when its application refuses the connection, and how long that takes: since 1.24
 * the inbound route retries (`reset-before-request`), so that callers wait for two backoffs before they hear of it.
 */
export async function appDown(options: {
  readonly istio: IstioVersion;
  readonly random: Random;
  readonly sleep: (ms: Millis) => Promise<void>;
}): Promise<{ status: 503; body: string }> {
  const { inboundRetries } = istioDefaults(options.istio);
  for (let retry = 1; retry <= inboundRetries; retry += 1) await options.sleep(backoffMs(retry, options.random));
  return { status: 503, body: resetText('connect-refused', inboundRetries > 0) };
}
