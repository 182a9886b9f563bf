/** From a value to one inside it: fields by name, entries of lists by index. */
export type Path = readonly (string | number)[];

/** What is left of a value when the parts with problems are taken out. */
export type Draft<T> = T extends string | number | boolean | null
  ? T
  : T extends readonly (infer I)[]
    ? readonly (Draft<I> | undefined)[]
    : { readonly [K in keyof T]?: Draft<T[K]> | undefined };
