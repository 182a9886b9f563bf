import type { KubeConfig } from '@kubernetes/client-node';

/**
 * The same config, which connects with the certificates that it has now: the client would keep what makes its connections, and the
 * certificate of the first one, for ever.
 */
export function connectingAnew(config: KubeConfig): KubeConfig {
  return Object.assign(Object.create(config) as KubeConfig, { agentCache: new Map() });
}

/**
 * As `connectingAnew`, for WebSockets: one that is still opening at the signal is given up, with its connection. One that is open
 * is left alone. The client itself waits for the upgrade without end.
 */
export function givenUpAt(config: KubeConfig, signal: AbortSignal): KubeConfig {
  const anew = connectingAnew(config);
  const own: KubeConfig = Object.create(anew);
  own.applyToHTTPSOptions = async (options) => {
    await anew.applyToHTTPSOptions(options);
    Object.assign(options, { signal });
  };
  return own;
}
