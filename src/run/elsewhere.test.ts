import { expect } from 'chai';
import { notingCluster } from '../faults/testing/noting-cluster.ts';
import { CLUSTER_ROLES } from '../model/cluster-roles.ts';
import type { UndoOutcome } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import { unlessElsewhere } from './elsewhere.ts';

const UNDONE: UndoOutcome = { state: 'undone', detail: 'by this undo', objects: [], commands: [] };

describe('an undo that may find its fault undone elsewhere', () => {
  for (const name of Object.keys(CLUSTER_ROLES) as (keyof Cluster)[]) {
    const role = CLUSTER_ROLES[name];
    if (role === 'fact') continue;
    it(`was ${role === 'write' ? 'done here' : 'done elsewhere'} when it has asked by ${name} alone`, async () => {
      const { cluster, ask, reached } = notingCluster();
      const { detail } = await unlessElsewhere(cluster, async (watched) => {
        await ask(watched, name);
        return UNDONE;
      });
      expect(reached).to.have.length(1);
      expect(detail).to.match(role === 'write' ? /by this undo/ : /recovered elsewhere/);
    });
  }
});
