/** The full name of a host as Istio resolves it: a name without dots, but for `*`, belongs to the namespace of the object that uses it. */
export function resolveHost(host: string, namespace: string): string {
  return host.includes('.') || host === '*' ? host : `${host}.${namespace}.svc.cluster.local`;
}

/** The host of a Service, which is named as `namespace/name`. */
export function hostOfService(service: string): string {
  const [namespace = '', name = ''] = service.split('/');
  return resolveHost(name, namespace);
}

/** The Service behind a full name, as `namespace/name`; undefined for a host that is none of Kubernetes. */
export function serviceOfHost(host: string): string | undefined {
  const [name, namespace, ...rest] = host.split('.');
  return rest.join('.') === 'svc.cluster.local' ? `${namespace}/${name}` : undefined;
}
