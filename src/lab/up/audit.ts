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
