import type { ErrorCode } from '../../model/errors.ts';
import { quoted } from '../../scenario/index.ts';
import type { Reference } from './references.ts';

/** Why a script cannot have what it asks for, and what to write in its place. */
export type Refusal = { readonly code?: ErrorCode; readonly message: string; readonly hint?: string };

const VENDOR = 'vendor it: copy it beside the script';

const UNKNOWN = 'the files of a script are read before it runs';
const DYNAMIC: Refusal = {
  message: 'k6 has no `import()`',
  hint: 'write `import … from`, or `import type … from` for a type',
};

/** Why k6 would not find what a script asks for by this name, on this machine or in a pod; undefined where it may. */
export function moduleProblem({ kind, name }: Reference): Refusal | undefined {
  if (kind === 'dynamic') return DYNAMIC;
  if (kind === 'computed') return computedProblem(name);
  if (kind === 'code') {
    return { message: `\`${name}\` makes code of a text: ${UNKNOWN}`, hint: 'write the code into the script' };
  }
  if (kind === 'global') {
    return {
      message: `what \`${name}\` is asked for is hidden: ${UNKNOWN}`,
      hint: 'name it without the global object',
    };
  }
  if (name.includes('\\')) return { message: `${quoted(name)} has a backslash`, hint: 'write it without escapes' };
  if (kind === 'file') return fileProblem(name);
  return /^\.\.?\//.test(name) ? relativeProblem(name) : otherProblem(name);
}

/** Of a name that is not known before the script runs. */
function computedProblem(by: string): Refusal {
  const message = `\`${by}()\` needs one literal text: ${UNKNOWN}`;
  if (by !== 'open') return { message, hint: "write it only as require('./name.js')" };
  return {
    message,
    hint: "write it only as open('./name.json') or open(import.meta.resolve('./name.json')); give an `open` of your own another name",
  };
}

function fileProblem(name: string): Refusal | undefined {
  if (!name.startsWith('/') && !hasProtocol(name)) return undefined;
  return { message: `${quoted(name)} is no relative path`, hint: VENDOR };
}

function relativeProblem(name: string): Refusal | undefined {
  if (!name.endsWith('.json')) return undefined;
  return { message: `k6 cannot import JSON (${quoted(name)})`, hint: `write \`JSON.parse(open(…))\`` };
}

function otherProblem(name: string): Refusal | undefined {
  if (name.startsWith('k6/x/')) {
    return { message: `${quoted(name)} is not there: a script must do without extensions of k6` };
  }
  if (name === 'k6/experimental/fs') {
    return {
      message: `${quoted(name)} reads files that nobody has named before the load`,
      hint: 'read them with `open()`',
    };
  }
  if (name === 'k6' || name.startsWith('k6/')) return undefined;
  if (hasProtocol(name)) return { message: `${quoted(name)} would be fetched when the load starts`, hint: VENDOR };
  if (name.startsWith('/')) return { message: `${quoted(name)} is no relative path`, hint: VENDOR };
  return { message: `${quoted(name)} is a package, and k6 finds none`, hint: VENDOR };
}

function hasProtocol(name: string): boolean {
  return /^[A-Za-z][-+.A-Za-z0-9]*:/.test(name);
}
