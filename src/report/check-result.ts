import { Compile, type Validator } from 'typebox/compile';
import { resultSchema } from './result-schema.ts';

let known: Validator | undefined;

/**
 * What of a parsed result.json is not as its schema says: `findings.3.verdict must be equal to one of the allowed values`.
 * Undefined where all is. A result may be the work of anybody, such as an artifact of a fork.
 */
export function schemaProblem(json: unknown): string | undefined {
  known ??= Compile(resultSchema());
  if (known.Check(json)) return undefined;
  const [first] = known.Errors(json);
  if (first === undefined) return 'it is not as its schema says';
  const missing = first.keyword === 'required' ? first.params.requiredProperties[0] : undefined;
  const field = [...first.instancePath.split('/').slice(1), ...(missing === undefined ? [] : [missing])].join('.');
  return `${field} ${missing === undefined ? first.message : 'is missing'}`;
}
