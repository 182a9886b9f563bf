import { expect } from 'chai';
import { judged } from './testing/handmade.ts';

const LOAD = { type: 'load', counts: [], lateP99: 900, degraded: [] } as const;

describe("analysis: the load generator's own dashboard", () => {
  it('is the one that the last account of the load names', async () => {
    const { loadDashboard } = await judged({
      events: (history) => {
        history.at(44.85e6, { ...LOAD, dashboard: 'first.html' });
        history.at(44.95e6, { ...LOAD, dashboard: 'k6-dashboard.html' });
      },
    });
    expect(loadDashboard).to.equal('k6-dashboard.html');
  });

  it('is absent when that names none', async () => {
    const first = { ...LOAD, dashboard: 'first.html' };
    const result = await judged({ events: (history) => history.at(1e6, first) });
    expect(result).to.not.have.property('loadDashboard');
  });
});
