import type { TouchedObject } from './history.ts';

/** Whether nothing is left to do about what has become of an object. */
const IS_DONE: Readonly<Record<TouchedObject['state'], boolean>> = {
  'put-back': true,
  'one-shot': true,
  gone: true,
  'left-behind': false,
  conflict: false,
  unknown: false,
};

/** Whether nothing is left to do about an object, by its own word. */
export function isDone({ state }: Pick<TouchedObject, 'state'>): boolean {
  return IS_DONE[state];
}

/** Whether nothing is left to do, by its own word and by what was read back: what was put back without a look shows nothing. */
export function isAsBefore({ state, before, after }: TouchedObject): boolean {
  return isDone({ state }) && (state !== 'put-back' || before === undefined || before === after);
}
