import type { ErrorCode } from '../../model/errors.ts';
import { quoted } from '../../scenario/index.ts';
import type { AskedBy, NamedReference } from './references.ts';

/** Why a script cannot have what it asks for, and what to write in its place. */
export type Refusal = { readonly code?: ErrorCode; readonly message: string; readonly hint?: string };

const VENDOR = 'vendor it: copy it beside the script';

/** What is told of a name that nobody knows before the script runs. It may be right. */
const UNKNOWN: Readonly<Record<AskedBy, Refusal>> = {
  open: {
    message: '`open` is asked for a file whose name is not written here: only k6 knows it, when the run starts',
    hint: "write open('./name.json') or open(import.meta.resolve('./name.json')) to have it checked",
  },
  require: {
    message: '`require` is asked for a module whose name is not written here: only k6 knows it, when the run starts',
    hint: "write require('./name.js') to have it checked",
  },
  import: { message: 'k6 has no `import()`', hint: 'write `import … from`, or `import type … from` for a type' },
};

export function unknownName(by: AskedBy): Refusal {
  return UNKNOWN[by];
}

/** Why k6 would not find what a script asks for by this name, on this machine or in a pod; undefined where it may. */
export function moduleProblem({ kind, name }: Pick<NamedReference, 'kind' | 'name'>): Refusal | undefined {
  if (kind === 'file') return fileProblem(name);
  return /^\.\.?\//.test(name) ? relativeProblem(name) : otherProblem(name);
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
