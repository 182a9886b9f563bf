import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LabCluster } from '../topology.ts';
import { DRILL } from './users.ts';

/** Where an API server writes down what the user for drills has asked and what it was answered, a JSON object a line. */
export function auditLog(folder: string, { name }: LabCluster): string {
  return join(folder, 'log', `${name}-drill-requests.log`);
}

/** Only that user's requests, without their contents. */
export function auditPolicy(): string {
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata', users: [DRILL.name] }, { level: 'None' }],
  });
}

type AuditEvent = { verb?: string; requestURI?: string; responseStatus?: { code?: number } };

/** The requests of the user for drills that a cluster has refused since the lab is up, in their order: `list /api/v1/secrets`. */
export function refusedRequests(folder: string, cluster: LabCluster): string[] {
  const path = auditLog(folder, cluster);
  // Made with the first request.
  return existsSync(path) ? refusedIn(readFileSync(path, 'utf8')) : [];
}

/** The same from the text of a log. */
export function refusedIn(log: string): string[] {
  const events = log.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as AuditEvent]));
  return events.flatMap(({ verb, requestURI, responseStatus }) =>
    responseStatus?.code === 403 ? [`${verb} ${requestURI}`] : [],
  );
}
