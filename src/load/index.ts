/** Load engines. Each sends requests as an open model and writes one record for every request that was due. */
export { type FoundK6, findK6 } from './k6/binary.ts';
export { buildK6 } from './k6/build.ts';
export { type ConsoleOptions, k6ConsoleEngine } from './k6/console/engine.ts';
export { type ScriptFiles, scriptModule } from './k6/console/stage.ts';
export { k6Engine } from './k6/engine.ts';
export type { K6Engine, K6Handle } from './k6/handle.ts';
export { k6OperatorEngine, type OperatorOptions } from './k6/operator/engine.ts';
export { type LoadNote, readNote, removeNote } from './k6/operator/note.ts';
export { type UndiciEngine, type UndiciHandle, undiciEngine } from './undici/engine.ts';
export type { LoadView, UndiciOptions } from './undici/messages.ts';
