/** Load engines. Each sends requests as an open model and writes one record for every request that was due. */
export { type FoundK6, findK6 } from './k6/binary.ts';
export { buildK6 } from './k6/build.ts';
export { type K6Engine, type K6Handle, k6Engine } from './k6/engine.ts';
export { type UndiciEngine, type UndiciHandle, undiciEngine } from './undici/engine.ts';
export type { LoadView, UndiciOptions } from './undici/messages.ts';
