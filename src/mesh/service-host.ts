/** The full name by which a mesh calls a Service (`namespace/name`). */
export function hostOf(service: string): string {
  const [namespace, name] = service.split('/');
  return `${name}.${namespace}.svc.cluster.local`;
}

/** `namespace/name` of the Service that a full name means. */
export function serviceOf(host: string): string {
  const [name = '', namespace = ''] = host.split('.');
  return `${namespace}/${name}`;
}
