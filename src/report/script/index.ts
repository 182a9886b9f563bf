import { CHARTS } from './charts.ts';
import { CURSOR } from './cursor.ts';
import { FILTER } from './filter.ts';
import { PAGE } from './page.ts';

/**
 * The page's only script: theme, charts that are read and zoomed by pointer and by keyboard, filters, deep links. Parts
 * share their names; without any of it nothing is missing but these.
 */
export const SCRIPT = `(function(){\n"use strict";\n${[PAGE, CHARTS, CURSOR, FILTER].join('')}})();`;
