import type { Millis } from '../model/units.ts';
import { balancedOf, type CallingProxy } from './calling-proxy.ts';

/** The longest that any proxy holds back a health change. */
export function longestWindow(proxies: readonly CallingProxy[]): Millis {
  return Math.max(0, ...balancedOf(proxies).map(({ settings }) => settings.mergeWindowMs));
}

/** Whether nobody will eject what fails: nothing tells to, a limit forbids it, or the proxy sees no failure. */
export function isStuck(proxies: readonly CallingProxy[], now: Millis): boolean {
  return balancedOf(proxies).every((proxy) => {
    if (proxy.settings.outlier === undefined || proxy.counters(now).overflow > 0) return true;
    return proxy.hosts(now).every(({ failures }) => Object.values(failures).every((count) => count === 0));
  });
}

/** When the first ejection may end. */
export function lastsUntil(proxies: readonly CallingProxy[], now: Millis): Millis {
  let earliest = Number.POSITIVE_INFINITY;
  for (const proxy of balancedOf(proxies)) {
    const { outlier } = proxy.settings;
    if (outlier === undefined) continue;
    for (const { ejectedAt, backoff, jitterMs } of proxy.hosts(now)) {
      if (ejectedAt === undefined) continue;
      const length = Math.min(outlier.baseEjectionMs * backoff, outlier.maxEjectionMs) + jitterMs;
      earliest = Math.min(earliest, ejectedAt + length);
    }
  }
  return earliest;
}

/** When a host was last ejected. */
export function lastEjection(proxies: readonly CallingProxy[], now: Millis): Millis {
  const times = balancedOf(proxies).flatMap((proxy) => proxy.hosts(now).map(({ ejectedAt }) => ejectedAt ?? 0));
  return Math.max(0, ...times);
}
