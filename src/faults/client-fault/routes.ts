import type { Json } from '../../model/scenario.ts';
import type { PlanOf } from '../define.ts';
import { hasFields } from '../has-fields.ts';
import { INJECTION_DATA, type Injection } from '../http-injection.ts';

/** A client fault's own part of its plan. */
export type ClientFaultData = Injection & {
  readonly namespace: string;
  readonly callers: Readonly<Record<string, string>>;
  /** Full name. */
  readonly host: string;
  readonly expirySeconds: number;
};

/** Whether the data of a plan is that of a client fault. */
export function isClientFaultData(data: Json): boolean {
  const { callers } = (data ?? {}) as { callers?: Json };
  const fields = { namespace: 'string', host: 'string', expirySeconds: 'number', ...INJECTION_DATA } as const;
  return hasFields(data, fields) && hasFields(callers, {});
}

/** What the faulty route is called in the configuration of the proxies: nobody else's is. */
export function routeName({ runId, fault }: Pick<PlanOf<ClientFaultData>, 'runId' | 'fault'>): string {
  return `faultline.${runId}.${fault}`;
}

/** The VirtualService whose first route is faulty for the callers, and whose second one is what they had without it. */
export function routesSpec(plan: Pick<PlanOf<ClientFaultData>, 'runId' | 'fault' | 'data'>): Json {
  const { callers, host, status, delayMs, percent, headers } = plan.data;
  const percentage = { value: percent * 100 };
  const fault = {
    ...(status === null ? {} : { abort: { httpStatus: status, percentage } }),
    ...(delayMs === null ? {} : { delay: { fixedDelay: `${delayMs / 1000}s`, percentage } }),
  };
  const matched = headers.map(({ name, value }) => [name, { exact: value }] as const);
  const match = { sourceLabels: callers, ...(matched.length === 0 ? {} : { headers: Object.fromEntries(matched) }) };
  const route = [{ destination: { host } }];
  return {
    hosts: [host],
    exportTo: ['.'],
    gateways: ['mesh'],
    http: [{ name: routeName(plan), match: [match], fault, route }, { route }],
  };
}
