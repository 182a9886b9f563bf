import { faultKind as kindOf, kindsReaching } from '../../faults/index.ts';
import { outsideOf } from './outside.ts';

/** The kind of a planned fault, by its name, with a way to what lies outside of Kubernetes. Throws JOURNAL as faultKind does. */
export const faultKind = kindsReaching(outsideOf(process.env), kindOf);
