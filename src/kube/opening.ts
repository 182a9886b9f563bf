import type { KubeConfig } from '@kubernetes/client-node';

/**
 * The same config, for WebSockets: one that is still opening at the signal is given up, with its connection. One that is open
 * is left alone. The client itself waits for the upgrade without end.
 */
export function givenUpAt(config: KubeConfig, signal: AbortSignal): KubeConfig {
  const own: KubeConfig = Object.create(config);
  own.applyToHTTPSOptions = async (options) => {
    await config.applyToHTTPSOptions(options);
    Object.assign(options, { signal });
  };
  return own;
}
