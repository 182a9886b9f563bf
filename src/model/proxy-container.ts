/** The container of a sidecar, and of a gateway, as Istio's injection and its charts name it. */
export const PROXY_CONTAINER = 'istio-proxy';
