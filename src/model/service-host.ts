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

/**
 * The Service that callers may mean by a host, as `namespace/name`, in every spelling: full, in whatever domain (`svc.clusterset.local`), of one of
 * its pods, `name.namespace.svc` and `name.namespace`: Istio takes what has dots as it stands, and proxies answer to it. The name is a pattern
 * where the host is one; undefined for a host of no namespace, or of several.
 */
export function serviceSpelled(host: string): string | undefined {
  const labels = host.toLowerCase().replace(/\.$/, '').split('.');
  const [name = '', namespace = ''] = labels;
  const at = labels.findIndex((label, index) => index >= 2 && label === 'svc');
  if (at > 0) return `${labels[at - 1]}/${labels[at - 2]}`;
  // `*.local` is for all.
  return labels.length === 2 && !name.startsWith('*') ? `${namespace}/${name}` : undefined;
}
