/** A commented scenario to start from; it is valid as it stands and runs on the sandbox. */
export function initScenario(): string {
  return STARTER;
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
    rate: 50/s                          # on each path
    timeout: 2s
    # A request is good when status, call chain and latency are right; status alone proves nothing.
    good: {status: 200, chain: [mocka, mockb, mockc], latency: 1s}

  # baseline: steady state; hold: time under the fault; recover: time after it was undone.
  phases: {baseline: 10s, hold: 20s, recover: 40s}

  # What breaks. Every fault is undone at the end, also when the run is interrupted.
  faults:
    - name: mockb-down
      imageSwap:
        cluster: tokyo
        namespace: default
        deployment: mockb-ap-northeast-1a
        image: registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2
        command: [sleep, "3600"]

  # What must hold. Leave out the clauses that you do not promise.
  expect:
    steadyState: {good: ">= 99.9%", sameZone: ">= 99%"}
    failoverOrder:
      service: mockb
      from: {zone: ap-northeast-1a}
      order: [{zone: ap-northeast-1b}, {region: cn-hangzhou}]
    recoveryTime: {within: 5s}
    errorBudget: {perCaller: 1}
    unaffected: {except: {zone: ap-northeast-1a}}
    ejections: {service: mockb, atLeast: 1}
    failback: {within: 40s}
`;
