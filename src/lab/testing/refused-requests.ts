import { existsSync, readFileSync } from 'node:fs';
import type { LabCluster } from '../topology.ts';
import { auditLog } from '../up/audit.ts';
import { LAB_FOLDER } from '../up/state.ts';

type AuditEvent = { verb?: string; requestURI?: string; responseStatus?: { code?: number } };

/** The requests of the user for drills that a cluster has refused since the lab is up, in their order: `list /api/v1/secrets`. */
export function refusedRequests(cluster: LabCluster): string[] {
  const path = auditLog(LAB_FOLDER, cluster);
  // Made with the first request.
  return existsSync(path) ? refusedIn(readFileSync(path, 'utf8')) : [];
}

/** The same from the text of a log. */
function refusedIn(log: string): string[] {
  const events = log.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as AuditEvent]));
  return events.flatMap(({ verb, requestURI, responseStatus }) =>
    responseStatus?.code === 403 ? [`${verb} ${requestURI}`] : [],
  );
}
