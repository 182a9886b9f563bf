import type { FaultKind } from '../model/fault.ts';
import type { Place } from '../model/place.ts';
import type { ChainPattern, FaultBlock } from '../model/scenario.ts';
import { flow, indented, block as yamlText } from './yaml-text.ts';

/** What a scenario to start from is about: one service that is hit in one zone. */
export type Starter = {
  readonly name: string;
  readonly request: { readonly method: string; readonly path: string; readonly host?: string };
  /** Of a good answer. */
  readonly status: number;
  /** The services of a complete chain, in call order; empty where answers tell none. */
  readonly chain: readonly string[];
  /** How the answer tells them, where it is not as the mock services do. */
  readonly pattern?: Pick<ChainPattern, 'from' | 'hop' | 'anywhere'>;
  /** The gateway zones that the load comes through, each once for every cluster that has it. */
  readonly gatewayZones: readonly string[];
  /** Kubernetes Services of names that are not theirs, or that several namespaces have. */
  readonly services: Readonly<Record<string, string>>;
  readonly fault: { readonly name: string; readonly kind: string; readonly block: FaultBlock };
  readonly service: string;
  /** Zone of the pods that are hit, and of the callers who notice. */
  readonly zone: string;
  /** Where calls go then, the first place first; empty where the mesh knows no order. */
  readonly order: readonly Place[];
  /** Whether callers eject what is hit; pods that are deleted leave the endpoints instead. */
  readonly ejects: boolean;
};

/**
 * A commented scenario to start from, with the example of a kind of fault that stops mockb in ap-northeast-1a; as it
 * stands it is valid, needs no advice, and passes on the sandbox.
 */
export function initScenario({ kind, example }: Pick<FaultKind, 'kind' | 'example'>): string {
  return starterScenario({
    name: 'my-first-failover',
    request: { method: 'GET', path: '/mock', host: 'mock.asm-demo.work' },
    status: 200,
    chain: ['mocka', 'mockb', 'mockc'],
    gatewayZones: ['ap-northeast-1a', 'ap-northeast-1b', 'cn-hangzhou-h', 'cn-hangzhou-k'],
    services: {},
    fault: { name: 'mockb-down', kind, block: example },
    service: 'mockb',
    zone: 'ap-northeast-1a',
    order: [{ zone: 'ap-northeast-1b' }, { region: 'cn-hangzhou' }],
    ejects: true,
  });
}

/** How often each path sends, per second. */
const RATE = 25;
/** A share of 99 % needs so many requests without a miss (`samplesToShow`). */
const FOR_99_PERCENT = 368;

/** Seconds of baseline that show 99 % through these many gateways, with a second to spare and the second that shows nothing. */
function baselineSeconds({ chain, gatewayZones }: Starter): number {
  const shown = Math.ceil(FOR_99_PERCENT / (RATE * Math.max(1, gatewayZones.length)));
  return Math.max(chain.length > 0 ? 10 : 15, shown + 2);
}

/** The same for any service. */
export function starterScenario(starter: Starter): string {
  const { name, request, chain, services, fault, service, zone, order, ejects } = starter;
  const [next] = order;
  const taken = next === undefined ? 'elsewhere' : `by ${Object.values(next).join('')}`;
  return `# yaml-language-server: $schema=./scenario.schema.json
# Check it:  faultline validate FILE      See what it would touch:  faultline plan FILE      Run it:  faultline run FILE
apiVersion: faultline/v1alpha1
kind: Scenario
metadata:
  name: ${flow(name)}
spec:
  # One sentence that the run tests.
  hypothesis: When ${service} stops serving in ${zone}, its callers there are served ${taken} within 5s.
${Object.keys(services).length === 0 ? '' : `\n  # Which Kubernetes Service each name is.\n  services: ${flow(services)}\n`}
  # Requests that are sent the whole time. They are the judge: everything is read from their answers${chain.length > 0 ? '' : ", and from\n  # what the callers' own proxies have counted"}.
  load:
    paths:
      - name: entry
        request: ${flow(request)}
        via: each-gateway-zone          # or a list: [{cluster: tokyo, zone: ap-northeast-1a}]
    rate: ${RATE}/s                          # on each path, answered or not
    timeout: 2s
    ${goodText(starter)}

  # baseline: steady state; hold: time under the fault; recover: time after it was undone. A share needs requests to be
  # shown: 368 for 99 %, 3688 for 99.9 %. faultline plan counts them.
  phases: {baseline: ${baselineSeconds(starter)}s, hold: 25s, recover: 20s}

  # What breaks. Every fault is undone at the end, also when the run is interrupted.
  faults:
    - name: ${flow(fault.name)}
${indented(yamlText({ [fault.kind]: fault.block }), 6)}
  # What must hold. Leave out the clauses that you do not promise.
  expect:
    steadyState: {good: ">= 99%"${order.length === 0 ? '' : ', sameZone: ">= 99%"'}}
${orderText(starter)}    recoveryTime: {within: 5s}
    errorBudget: {${chain.length > 0 ? 'perCaller' : 'perPath'}: ${RATE * 2}}         # 2 s of calls: Envoy's merge window after a rollout (1 s), calls under way, a busy machine
${unaffectedText(starter)}${ejects ? `    ejections: {service: ${flow(service)}, atLeast: 1}\n` : ''}${order.length === 0 ? '' : '    failback: {within: 20s}\n'}`;
}

/** Whoever comes through the only gateway zone is hit: there are no others. */
function unaffectedText({ zone, gatewayZones }: Starter): string {
  if (gatewayZones.every((one) => one === zone)) return '';
  return `    unaffected: {except: {zone: ${flow(zone)}}}\n`;
}

function goodText({ status, chain, pattern }: Starter): string {
  if (chain.length === 0) {
    return `# A request is good when status and latency are right. That is weak: no answer said in a way that was recognised
    # which pod or zone it came from. A header or body that only the right answer has says more, and so does a call chain:
    # good: {status: 200, body: {matches: "in stock"}}        chain: {from: {header: x-served-by}, hop: "{pod}"}
    good: {status: ${status}, latency: 1s}`;
  }
  return `${patternText(pattern)}# A request is good when status, call chain and latency are right; status alone proves nothing.
    good: {status: ${status}, chain: ${flow(chain)}, latency: 1s}`;
}

function patternText(pattern: Starter['pattern']): string {
  if (pattern === undefined) return '';
  const { from, hop, anywhere } = pattern;
  const where =
    from.kind === 'header' ? { header: from.name } : from.kind === 'pointer' ? { pointer: from.pointer } : 'body';
  const written = flow({ from: where, hop, ...(anywhere === undefined ? {} : { anywhere }) });
  return `# Where the answer tells who gave it.
    chain: ${written}
    `;
}

function orderText({ service, zone, order }: Starter): string {
  if (order.length === 0) return '';
  return `    failoverOrder:
      service: ${flow(service)}
      from: {zone: ${flow(zone)}}
      order: ${flow(order)}
`;
}
