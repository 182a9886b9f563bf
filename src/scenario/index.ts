export { type FormatOptions, formatDiagnostics } from './format.ts';
export { initScenario } from './init.ts';
export { locate } from './locate.ts';
export { printable, quoted } from './printable.ts';
export { parseScenario } from './scenario.ts';
export { type FaultSchema, scenarioSchema } from './scenario-schema.ts';
export { createSource, withoutBom } from './source.ts';
export { parseTargets } from './targets.ts';
export { targetsSchema } from './targets-schema.ts';
