import { type JsonMap, listOf, mapOf, mapsOf, stringOf } from '../json.ts';
import type { Findings } from './findings.ts';

const TOPOLOGY = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone'];

/** Istio: agent.ValidateLocalityLbSetting. */
export function checkLocalityLb(setting: JsonMap, hasOutlier: boolean, findings: Findings): void {
  const distribute = mapsOf(setting.distribute);
  const failover = mapsOf(setting.failover);
  const priorities = listOf(setting.failoverPriority).map(String);
  if (distribute.length > 0 && failover.length > 0) {
    findings.error("can not simultaneously specify 'distribute' and 'failover'");
    return;
  }
  const topology = priorities.find((label) => TOPOLOGY.includes(label));
  if (failover.length > 0 && topology !== undefined) {
    findings.error(`can not simultaneously set 'failover' and topology label '${topology}' in 'failover_priority'`);
    return;
  }
  if (!checkDistribute(distribute, findings)) return;
  if ((failover.length > 0 || priorities.length > 0) && !hasOutlier) {
    findings.warn('outlier detection policy must be provided for failover');
  }
  for (const entry of failover) checkFailover(stringOf(entry.from), stringOf(entry.to), findings);
}

/** False where the checks end. */
function checkDistribute(distribute: readonly JsonMap[], findings: Findings): boolean {
  for (const { to } of distribute) {
    const weights = Object.values(mapOf(to)).map(Number);
    if (weights.some((weight) => weight <= 0 || weight > 100)) {
      findings.error('locality weight must be in range [1, 100]');
      return false;
    }
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total !== 100) {
      findings.error(`total locality weight ${total} != 100`);
      return false;
    }
    checkLocalities(Object.keys(mapOf(to)), findings);
  }
  checkLocalities(
    distribute.map(({ from }) => stringOf(from)),
    findings,
  );
  return true;
}

function checkFailover(from: string, to: string, findings: Findings): void {
  findings.need(from !== to, 'locality lb failover settings must specify different regions');
  findings.need(!`${from}${to}`.includes('/'), 'locality lb failover only specify region');
  findings.need(!`${from}${to}`.includes('*'), "locality lb failover region should not contain '*' wildcard");
}

/** Istio: validateLocalities. Two that can match the same place overlap, whichever comes first. */
function checkLocalities(localities: readonly string[], findings: Findings): void {
  const before: string[][] = [];
  for (const locality of localities) {
    const stars = locality.split('*').length - 1;
    if (stars > 1 || (stars === 1 && !locality.endsWith('*'))) {
      findings.error(`locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`);
      return;
    }
    const parts = locality.split('/');
    if (parts.some((part) => part === '')) {
      findings.error(`locality ${locality} must not contain empty region/zone/subzone info`);
      return;
    }
    if (before.some((other) => overlap(other, parts))) {
      findings.error(`locality ${locality} overlap with previous specified ones`);
      return;
    }
    before.push(parts);
  }
}

/** A part that is not said matches everything, as `*` does. */
function overlap(a: readonly string[], b: readonly string[]): boolean {
  return [0, 1, 2].every((index) => {
    const [left = '*', right = '*'] = [a[index], b[index]];
    return left === '*' || right === '*' || left === right;
  });
}
