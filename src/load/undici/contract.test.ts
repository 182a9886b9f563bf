import { undiciEngine } from '../index.ts';
import { engineContract } from '../testing/contract/engine-contract.ts';

engineContract('undici', {
  engine: undiciEngine,
  connections: 'kept',
  refreshes: true,
  http2: true,
  tlsByGateway: true,
});
