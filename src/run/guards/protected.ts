import type { Guard } from './guard.ts';
import { faultsIn } from './guard.ts';

/** A word of a context's name that says that people live of it. */
const PROTECTED = /(^|[^a-z])(prod|production|prd|live)([^a-z]|$)/i;

/** A slip of the keyboard must not reach production: whoever means it names the context once more. */
export const protectedContext: Guard = {
  name: 'protected context',
  spares: 'practice',
  check: async ({ inputs, faults }) =>
    [...inputs.clusters].flatMap(([name, { context }]) => {
      if (!PROTECTED.test(context) || faultsIn({ faults }, name).length === 0) return [];
      const refused = !inputs.allowProtected.includes(context);
      const detail = `cluster ${name}: context ${context} is protected by its name`;
      return refused
        ? { refused, detail, hint: `If it is meant: --allow-protected ${context}` }
        : { refused, detail: `${detail}, and named by --allow-protected` };
    }),
};
