import { expect } from 'chai';
import { silenceOf } from '../../faults/silence.ts';
import type { Scenario } from '../../model/scenario.ts';
import { drill, Mesh, promising } from '../testing/mesh.ts';
import { OUTLIER } from '../testing/outlier.ts';
import { connectTimeout } from './connect-timeout.ts';
import { keptConnections } from './kept-connections.ts';
import { mergeWindow } from './merge-window.ts';
import { thresholdAboveBudget } from './threshold-above-budget.ts';

const rule = (name: string, policy: string) =>
  `{kind: DestinationRule, metadata: {name: ${name}}, spec: {host: ${name}, trafficPolicy: {${policy}}}}`;
const RETRIES =
  '{kind: VirtualService, metadata: {name: mockb}, spec: {hosts: [mockb], http: [{retries: {attempts: 2, retryOn: 5xx}, route: [{destination: {host: mockb}}]}]}}';

describe('merge-window', () => {
  const recovering = (withinMs: number) => promising({ recoveryTime: { withinMs, consecutive: 5, lastingMs: 1000 } });

  it('names the promise where rate x window is more than the budget, or longer than the recovery may take', () => {
    const found = ['info tokyo Scenario predicted'];
    expect(new Mesh().finds(mergeWindow, promising({ errorBudget: { perCaller: 19 } }))).to.deep.equal(found);
    expect(new Mesh().finds(mergeWindow, promising({ errorBudget: { perPath: 19 } }))).to.deep.equal(found);
    expect(new Mesh().finds(mergeWindow, recovering(999))).to.deep.equal(found);
  });

  it('names the rule where the scenario allows it', () => {
    const note = ['info tokyo DestinationRule default/mockb'];
    expect(new Mesh().finds(mergeWindow, promising({ errorBudget: { perCaller: 20 } }))).to.deep.equal(note);
    expect(new Mesh().finds(mergeWindow, recovering(1000))).to.deep.equal(note);
    expect(new Mesh().finds(mergeWindow, drill())).to.deep.equal(note);
  });

  it('counts all requests that a caller gets, and of a path its own', () => {
    const [path] = drill().load.paths;
    if (path === undefined) throw new Error('no path');
    const load = { ...drill().load, paths: [path, { ...path, name: 'slow', ratePerSecond: 5 }] };
    const of = (budget: { perCaller?: number; perPath?: number }) =>
      new Mesh().finds(mergeWindow, { ...promising({ errorBudget: budget }), load })[0]?.includes('Scenario');
    expect([of({ perCaller: 24 }), of({ perCaller: 25 }), of({ perPath: 19 }), of({ perPath: 20 })]).to.deep.equal([
      ...[true, false, true, false],
    ]);
  });

  it('is hidden by retries only where they find another host', () => {
    const retrying = new Mesh().apply(RETRIES);
    expect(retrying.finds(mergeWindow, drill())).to.deep.equal(['info tokyo DestinationRule default/mockb']);
    const remote = RETRIES.replace('attempts: 2', 'retryRemoteLocalities: true, attempts: 2');
    expect(new Mesh().apply(remote).finds(mergeWindow, drill())).to.deep.equal([]);
    const [dead] = new Mesh().pods.filter(({ workload }) => workload === 'mockb-ap-northeast-1a');
    if (dead === undefined) throw new Error('there is a pod');
    const other = { ...dead, name: 'other', workload: 'other', ip: '10.9.9.9' };
    const wide = new Mesh().apply(RETRIES);
    wide.pods.push(other);
    expect(wide.finds(mergeWindow, drill())).to.deep.equal([]);
  });

  it('says nothing with the window off, of callers elsewhere, or without such a fault', () => {
    const filter =
      '{kind: EnvoyFilter, metadata: {name: w, namespace: istio-system}, spec: {configPatches: [{applyTo: CLUSTER, patch: {value: {common_lb_config: {update_merge_window: 0s}}}}]}}';
    expect(new Mesh().apply(filter).finds(mergeWindow, drill())).to.deep.equal([]);
    expect(new Mesh().finds(mergeWindow, drill({ faults: [] }))).to.deep.equal([]);
    expect(new Mesh().finds(mergeWindow)).to.deep.equal([]);
  });
});

describe('threshold-above-budget', () => {
  const five = () => new Mesh().apply(rule('mockb', 'outlierDetection: {maxEjectionPercent: 100}'));

  it('warns where more failures in a row eject than a caller may see', () => {
    expect(five().finds(thresholdAboveBudget, promising({ errorBudget: { perCaller: 4 } }))).to.deep.equal([
      'warning tokyo DestinationRule default/mockb',
    ]);
  });

  it('says nothing where the budget holds, retries hide them, or there is none', () => {
    expect(five().finds(thresholdAboveBudget, promising({ errorBudget: { perCaller: 5 } }))).to.deep.equal([]);
    const hidden = five()
      .apply(RETRIES)
      .finds(thresholdAboveBudget, promising({ errorBudget: { perCaller: 0 } }));
    expect(hidden).to.deep.equal([]);
    expect(five().finds(thresholdAboveBudget, drill())).to.deep.equal([]);
  });
});

describe('connect-timeout', () => {
  const silent = (namespaces: string[]): Scenario => {
    const move = silenceOf({ cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces });
    const scenario = promising({ recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 } });
    return { ...scenario, faults: [{ name: 'silent', kind: 'zoneBlackhole', afterMs: 0, spec: {}, move }] };
  };

  it('is found where a caller that is spared waits longer for a connection than the recovery may take', () => {
    expect(new Mesh().finds(connectTimeout, silent(['default']))).to.deep.equal([
      'error tokyo DestinationRule default/mocka',
    ]);
  });

  it('is found where the nearer hosts of a caller are not ready, and the silent ones are called first', () => {
    const mesh = new Mesh().edit('mockb-ap-northeast-1b', (pod) => {
      pod.ready = false;
    });
    expect(mesh.finds(connectTimeout, silent(['default']))).to.deep.equal([
      'error tokyo DestinationRule default/mocka',
      'error tokyo DestinationRule default/mockb',
    ]);
  });

  it('is not with a short timeout, where the callers fall silent, too, or without such a promise', () => {
    const short = rule('mocka', `${OUTLIER}, connectionPool: {tcp: {connectTimeout: 1s}}`);
    expect(new Mesh().apply(short).finds(connectTimeout, silent(['default']))).to.deep.equal([]);
    expect(new Mesh().finds(connectTimeout, silent(['default', 'istio-system']))).to.deep.equal([]);
    expect(new Mesh().finds(connectTimeout, { ...silent(['default']), expect: drill().expect })).to.deep.equal([]);
  });
});

describe('kept-connections', () => {
  const crowded = () => {
    const mesh = new Mesh();
    const like = mesh.pods.find(({ name }) => name === 'gateway-ap-northeast-1a');
    if (like !== undefined) mesh.pods.push({ ...like, name: 'gateway-2', ip: 'gateway-2' });
    return mesh;
  };

  it('are noted where a zone has several gateway pods', () => {
    expect(crowded().finds(keptConnections, drill())).to.deep.equal([
      'info tokyo Pod istio-system/gateway-ap-northeast-1a',
    ]);
  });

  it('are not with one pod in each zone, or with fresh connections', () => {
    expect(new Mesh().finds(keptConnections, drill())).to.deep.equal([]);
    const fresh = drill({ load: { ...drill().load, connections: 'fresh' } });
    expect(crowded().finds(keptConnections, fresh)).to.deep.equal([]);
  });
});
