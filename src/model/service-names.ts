/** What a scenario calls services, and the Kubernetes Service (`namespace/name`, in whichever cluster) that each is. */
export type ServiceNames = Readonly<Record<string, string>>;

/** The Service that is stated for a name; undefined where none is, and the name is that of the Service. */
export function statedService(services: ServiceNames, name: string): string | undefined {
  return Object.hasOwn(services, name) ? services[name] : undefined;
}

/**
 * What the scenario calls a Service: by the name that is stated for it, or else its own, which stands with its namespace
 * where it is stated of another Service.
 */
export function namingOf(services: ServiceNames): (namespace: string, name: string) => string {
  const stated = new Map(Object.entries(services).map(([name, service]) => [service, name]));
  return (namespace, name) => {
    const whole = `${namespace}/${name}`;
    return stated.get(whole) ?? (statedService(services, name) === undefined ? name : whole);
  };
}
