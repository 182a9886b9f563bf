/** The identity of a Service, as far as a clause names it; what is absent may be any. */
export type ServiceRef = {
  /** Whose callers are meant: a call is one of the Service in its caller's cluster, wherever it is served. */
  readonly cluster?: string;
  readonly namespace: string;
  readonly name: string;
  readonly port?: number;
};

const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const CLUSTER = '[A-Za-z0-9](?:[-._A-Za-z0-9]{0,251}[A-Za-z0-9])?';

/** 1 to 65535. */
const PORT = '(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

/** `api`, `shop/api`, `shop/api:8080`, `tokyo/shop/api:8080`. */
export const SERVICE_PATTERN = `^(?:${LABEL}|(?:${CLUSTER}/)?${LABEL}/${LABEL}(?::${PORT})?)$`;

const REF = new RegExp(`^(?:(${CLUSTER})/)?(${LABEL})/(${LABEL})(?::(${PORT}))?$`);

/** What a text names by more than a name; undefined for a name alone. */
export function readServiceRef(text: string): ServiceRef | undefined {
  const [whole, cluster, namespace = '', name = '', port] = REF.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return {
    ...(cluster !== undefined && { cluster }),
    namespace,
    name,
    ...(port !== undefined && { port: Number(port) }),
  };
}

/** Whether calls, or what was counted of them, are of the Service that is named. */
export function isOfRef(
  { cluster, namespace, name, port }: ServiceRef,
  one: { readonly cluster: string; readonly namespace?: string; readonly service: string; readonly port?: number },
): boolean {
  if (one.namespace !== namespace || one.service !== name) return false;
  return (cluster === undefined || one.cluster === cluster) && (port === undefined || one.port === port);
}

/** What clauses name under `service`, each once: a clause, or each of a list. */
export function servicesNamed(clauses: Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set(Object.values(clauses).flatMap(servicesIn))];
}

function servicesIn(clause: unknown): string[] {
  if (Array.isArray(clause)) return clause.flatMap(servicesIn);
  if (typeof clause !== 'object' || clause === null) return [];
  const { service } = clause as { readonly service?: unknown };
  return typeof service === 'string' ? [service] : [];
}

/** Those of them that name more than a name, as they are written. */
export function refsNamed(clauses: Readonly<Record<string, unknown>>): ReadonlyMap<string, ServiceRef> {
  return new Map(
    servicesNamed(clauses).flatMap((text) => {
      const ref = readServiceRef(text);
      return ref === undefined ? [] : [[text, ref] as const];
    }),
  );
}
