import { Document, isCollection, isSeq, visit } from 'yaml';
import type { FaultKind } from '../model/fault.ts';
import type { Place } from '../model/place.ts';
import type { FaultBlock } from '../model/scenario.ts';

/** What a scenario to start from is about: one service that is hit in one zone. */
export type Starter = {
  readonly name: string;
  readonly request: { readonly method: string; readonly path: string; readonly host?: string };
  /** The services of a complete chain, in call order; empty where answers tell none. */
  readonly chain: readonly string[];
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
    chain: ['mocka', 'mockb', 'mockc'],
    services: {},
    fault: { name: 'mockb-down', kind, block: example },
    service: 'mockb',
    zone: 'ap-northeast-1a',
    order: [{ zone: 'ap-northeast-1b' }, { region: 'cn-hangzhou' }],
    ejects: true,
  });
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
    rate: 25/s                          # on each path, answered or not
    timeout: 2s
    ${goodText(chain)}

  # baseline: steady state; hold: time under the fault; recover: time after it was undone. A share needs requests to be
  # shown: 368 for 99 %, 3688 for 99.9 %. faultline plan counts them.
  phases: {baseline: ${chain.length > 0 ? '10s' : '15s'}, hold: 25s, recover: 20s}

  # What breaks. Every fault is undone at the end, also when the run is interrupted.
  faults:
    - name: ${flow(fault.name)}
${indented(yamlText({ [fault.kind]: fault.block }), 6)}
  # What must hold. Leave out the clauses that you do not promise.
  expect:
    steadyState: {good: ">= 99%"${order.length === 0 ? '' : ', sameZone: ">= 99%"'}}
${orderText(starter)}    recoveryTime: {within: 5s}
    errorBudget: {${chain.length > 0 ? 'perCaller' : 'perPath'}: 33}         # 25/s x 1.3 s: Envoy's merge window after a rollout, and the calls under way
    unaffected: {except: {zone: ${flow(zone)}}}
${ejects ? `    ejections: {service: ${flow(service)}, atLeast: 1}\n` : ''}${order.length === 0 ? '' : '    failback: {within: 20s}\n'}`;
}

function goodText(chain: readonly string[]): string {
  if (chain.length === 0) {
    return `# A request is good when status and latency are right. A body or header that only the right answer has says more:
    # good: {status: 200, body: {matches: "in stock"}}
    good: {status: 200, latency: 1s}`;
  }
  return `# A request is good when status, call chain and latency are right; status alone proves nothing.
    good: {status: 200, chain: ${flow(chain)}, latency: 1s}`;
}

function orderText({ service, zone, order }: Starter): string {
  if (order.length === 0) return '';
  return `    failoverOrder:
      service: ${flow(service)}
      from: {zone: ${flow(zone)}}
      order: ${flow(order)}
`;
}

/** A value on one line, as YAML writes it inside braces. */
function flow(value: unknown): string {
  const document = new Document(value);
  visit(document, (_, node) => {
    if (isCollection(node)) node.flow = true;
  });
  return document.toString({ flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
}

/** YAML in blocks, with lists on one line. */
function yamlText(value: unknown): string {
  const document = new Document(value);
  visit(document, (_, node) => {
    if (isSeq(node)) node.flow = true;
  });
  return document.toString({ flowCollectionPadding: false });
}

function indented(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
}
