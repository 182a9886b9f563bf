import { Document, isSeq, visit } from 'yaml';
import type { FaultKind } from '../model/fault.ts';

/**
 * A commented scenario to start from, with the example of a kind of fault that stops mockb in ap-northeast-1a; as it
 * stands it is valid, needs no advice, and passes on the sandbox.
 */
export function initScenario({ kind, example }: Pick<FaultKind, 'kind' | 'example'>): string {
  return STARTER.replace('      {fault}\n', indented(yamlText({ [kind]: example }), 6));
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

const STARTER = `# yaml-language-server: $schema=./scenario.schema.json
# Check it:  faultline validate FILE      See what it would touch:  faultline plan FILE      Run it:  faultline run FILE
apiVersion: faultline/v1alpha1
kind: Scenario
metadata:
  name: my-first-failover
spec:
  # One sentence that the run tests.
  hypothesis: When mockb stops serving in ap-northeast-1a, its callers there are served by ap-northeast-1b within 5s.

  # Requests that are sent the whole time. They are the judge: everything is read from their answers.
  load:
    paths:
      - name: entry
        request: {method: GET, path: /mock, host: mock.asm-demo.work}
        via: each-gateway-zone          # or a list: [{cluster: tokyo, zone: ap-northeast-1a}]
    rate: 25/s                          # on each path, answered or not
    timeout: 2s
    # A request is good when status, call chain and latency are right; status alone proves nothing.
    good: {status: 200, chain: [mocka, mockb, mockc], latency: 1s}

  # baseline: steady state; hold: time under the fault; recover: time after it was undone. A share needs requests to be
  # shown: 368 for 99 %, 3688 for 99.9 %. faultline plan counts them.
  phases: {baseline: 10s, hold: 25s, recover: 20s}

  # What breaks. Every fault is undone at the end, also when the run is interrupted.
  faults:
    - name: mockb-down
      {fault}

  # What must hold. Leave out the clauses that you do not promise.
  expect:
    steadyState: {good: ">= 99%", sameZone: ">= 99%"}
    failoverOrder:
      service: mockb
      from: {zone: ap-northeast-1a}
      order: [{zone: ap-northeast-1b}, {region: cn-hangzhou}]
    recoveryTime: {within: 5s}
    errorBudget: {perCaller: 33}         # 25/s x 1.3 s: Envoy's merge window after a rollout, and the calls under way
    unaffected: {except: {zone: ap-northeast-1a}}
    ejections: {service: mockb, atLeast: 1}
    failback: {within: 20s}
`;
