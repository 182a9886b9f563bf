import { faultsReaching, type Guard, type Ruling } from './guard.ts';

/** A word of a context's name that says that people live of it. */
const PROTECTED = /(^|[^a-z])(prod|production|prd|live)([^a-z]|$)/i;

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
  if (!PROTECTED.test(context)) return [];
  const detail = `cluster ${name}: context ${context} is protected by its name`;
  if (allowed.includes(context)) return [{ refused: false, detail: `${detail}, and named by --allow-protected` }];
  return [{ refused: true, detail, hint: `If it is meant: --allow-protected ${context}` }];
}
