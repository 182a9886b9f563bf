/** Load engines. Each sends requests as an open model and writes one record for every request that was due. */
export { findK6 } from './k6/binary.ts';
export { buildK6 } from './k6/build.ts';
export { scriptModule } from './k6/config/script-files.ts';
export type { K6Engine, K6Handle } from './k6/handle.ts';
export { k6ConsoleEngine } from './k6/local/console.ts';
export { k6Engine } from './k6/local/extension.ts';
export { readRunMarker, removeRunMarker } from './k6/pods/run-marker.ts';
export { type UndiciEngine, type UndiciHandle, undiciEngine } from './undici/engine.ts';
export type { LoadView, UndiciOptions } from './undici/messages.ts';
