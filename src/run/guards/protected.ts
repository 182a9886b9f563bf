import { faultsReaching, type Guard, type Ruling } from './guard.ts';

/**
 * A word of a context's name that says that people live of it: between what are no letters; or, where the case tells words apart, as one that
 * begins with a capital, as one of capitals, and in small letters after a word of capitals (but not after the capital of `Olive`).
 */
const PROTECTED = [
  /(?<![a-z])(?:prod|production|prd|live)(?![a-z])/i,
  /(?:Prod|Production|Prd|Live)(?![a-z])/,
  /(?<![A-Z])(?:PROD|PRODUCTION|PRD|LIVE)(?![A-Z](?![a-z]))/,
  /(?<![a-z]|(?<![A-Z])[A-Z])(?:prod|production|prd|live)(?![a-z])/,
];

/** A slip of the keyboard must not reach production: whoever means it names the context once more. */
export const protectedContext: Guard = {
  name: 'protected context',
  spares: 'practice',
  check: async ({ inputs, faults }) =>
    [...inputs.clusters].flatMap(([name, { context }]) =>
      faultsReaching({ faults }, name).length === 0 ? [] : protectedBy(name, context, inputs.allowProtected),
    ),
  ofTarget: {
    refuses: 'some faults',
    check: async ({ clusters, allowProtected }) =>
      [...clusters].flatMap(([name, { context }]) => protectedBy(name, context, allowProtected)),
  },
};

function protectedBy(name: string, context: string, allowed: readonly string[]): Ruling[] {
  if (!PROTECTED.some((word) => word.test(context))) return [];
  const detail = `cluster ${name}: context ${context} is protected by its name`;
  if (allowed.includes(context)) return [{ refused: false, detail: `${detail}, and named by --allow-protected` }];
  return [{ refused: true, detail, hint: `If it is meant: --allow-protected ${context}` }];
}
