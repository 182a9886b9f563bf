import { WEEKDAYS } from '../model/target.ts';
import { atLeastOne, list, mapping, text, word } from '../schema/builders.ts';

const HOUR = '^([01]\\d|2[0-3]):[0-5]\\d$';
const hour = (description: string, pattern: string, example: string) =>
  text(description, { pattern, patternErrorMessage: 'must be a time of day such as 08:30', examples: [example] });
const date = (description: string, example: string) =>
  text(description, {
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    patternErrorMessage: 'must be a day such as 2026-12-18',
    examples: [example],
  });

/** An entry of the calendar of a targets file. */
export const blackout = mapping(
  'Times at which no drill may go on: all that is named must hold, whole days where no hours are.',
  {
    required: {
      because: text('Why; whoever is refused reads it.', { maxLength: 200, examples: ['change freeze'] }),
      timeZone: text('Zone whose calendar and clock are meant, by its IANA name.', { examples: ['Europe/Zurich'] }),
    },
    optional: {
      days: list('Days of the week.', word('A day of the week.', WEEKDAYS), { minItems: 1, maxItems: 7 }),
      dates: mapping('Days of the calendar, both included.', {
        required: { from: date('The first day.', '2026-12-18'), to: date('The last day.', '2027-01-04') },
      }),
      hours: mapping('Times of day. Those that end before they begin go on into the next day.', {
        required: {
          from: hour('When they begin.', HOUR, '08:30'),
          to: hour('When they end.', `${HOUR}|^24:00$`, '15:30'),
        },
      }),
    },
  },
  atLeastOne('days', 'dates', 'hours'),
);
