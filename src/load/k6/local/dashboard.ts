import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { LoadSummary } from '../../../model/ports.ts';
import type { Load } from '../../../model/scenario.ts';

const FILE = 'k6-dashboard.html';

/** The environment that makes k6 write its web dashboard beside the records; no port is opened for it. */
export function dashboardEnvironment(load: Load, records: string): Record<string, string> {
  if (load.dashboard !== true) return {};
  return {
    K6_WEB_DASHBOARD: 'true',
    K6_WEB_DASHBOARD_PORT: '-1',
    // The default of 10 s would hide a failover.
    K6_WEB_DASHBOARD_PERIOD: '1s',
    K6_WEB_DASHBOARD_EXPORT: join(dirname(resolve(records)), FILE),
  };
}

/** The dashboard, where k6 has written one; after less than three seconds of load it does not. */
export async function dashboardOf(load: Load, records: string): Promise<Pick<LoadSummary, 'dashboard'>> {
  if (load.dashboard !== true) return {};
  const there = await stat(join(dirname(resolve(records)), FILE)).catch(() => undefined);
  return there === undefined ? {} : { dashboard: FILE };
}
