import Type from 'typebox';

/** Microseconds of run time; older versions wrote fractions of some. */
export const micros = Type.Number({ minimum: 0, description: 'Microseconds since the run began.' });
export const count = Type.Integer({ minimum: 0 });
export const text = Type.String();
/** A name that nothing but letters may be in. */
export const word = Type.String({ pattern: '^[A-Za-z]{1,80}$' });
export const texts = Type.Array(Type.String());
export const ratio = Type.Number({ minimum: 0, maximum: 1 });
export const counts = Type.Array(Type.Number());
export const optional = Type.Optional;

/** One of several fixed words. */
export function oneOf<const T extends readonly string[]>(words: T) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...words] });
}

export const verdict = oneOf(['pass', 'fail', 'inconclusive']);
export const phase = oneOf(['baseline', 'inject', 'hold', 'undo', 'recover']);
export const place = Type.Union([
  Type.Object({ zone: text, cluster: Type.Optional(text) }),
  Type.Object({ region: text }),
  Type.Object({ cluster: text }),
  Type.Object({ network: text }),
  Type.Object({ workload: text }),
  Type.Object({ subset: text }),
]);
export const object = Type.Object;
export const list = Type.Array;
export const either = Type.Union;
export const literal = Type.Literal;
export const nothing = Type.Null();
export const number = Type.Number();
export const yesNo = Type.Boolean();
