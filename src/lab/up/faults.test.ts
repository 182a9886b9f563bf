import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../run/system-clock.ts';
import { injectLabFault } from './faults.ts';
import { StateFile } from './state.ts';

describe('a fault of the lab', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lab-faults-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('stops no istiod of a cluster that has none, and says where that is which serves it', async () => {
    const state = new StateFile(folder);
    state.begin('boot');
    state.add({ kind: 'topology', name: 'remote-control-plane' });
    const error = await injectLabFault('stop-istiod', 'hangzhou', { folder, clock: systemClock }).catch((one) => one);
    expect(error).to.have.property(
      'message',
      'hangzhou has no istiod of its own: its proxies are served by that of tokyo',
    );
    expect(error).to.have.property('hint', 'faultline lab fault stop-istiod tokyo');
  });
});
