import { k6ConsoleEngine, k6Engine, undiciEngine } from '../index.ts';
import { engineContract } from '../testing/contract/engine-contract.ts';

for (const connections of ['kept', 'fresh'] as const) {
  engineContract(`k6 with the extension, ${connections} connections`, {
    engine: () => k6Engine({ binary: process.env.FAULTLINE_K6 ?? '' }),
    connections,
    refreshes: true,
    http2: true,
    tlsByGateway: true,
  });
}

engineContract('k6 without the extension', {
  engine: () => k6ConsoleEngine({ binary: process.env.FAULTLINE_STOCK_K6 ?? '' }),
  connections: 'fresh',
  refreshes: false,
  http2: false,
  tlsByGateway: false,
});

// The specs of every day ask undici over kept connections only.
engineContract('undici, fresh connections', {
  engine: undiciEngine,
  connections: 'fresh',
  refreshes: true,
  http2: true,
  tlsByGateway: true,
});
