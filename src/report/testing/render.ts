import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import type { RunResult } from '../../model/result.ts';
import {
  renderHtml as html,
  renderJunit as junit,
  renderMarkdown as markdown,
  renderOneLine as oneLine,
  type TerminalOptions,
  renderTerminal as terminal,
} from '../index.ts';
import { resultSchema } from '../result-schema.ts';
import { type WordedResult, withWords } from '../worded.ts';

/* The shapes of a report with the words of this version's objectives, as the command line makes them. */

export const renderHtml = (result: RunResult): string => html(result, OBJECTIVES);
export const renderJunit = (result: RunResult): string => junit(result, OBJECTIVES);
export const renderMarkdown = (result: RunResult): string => markdown(result, OBJECTIVES);
export const renderOneLine = (result: RunResult): string => oneLine(result, OBJECTIVES);
export const renderTerminal = (result: RunResult, look: TerminalOptions): string => terminal(result, OBJECTIVES, look);
export const worded = (result: RunResult): WordedResult => withWords(result, OBJECTIVES);

/** The schema of result.json that `faultline schema result` prints. */
export const RESULT_SCHEMA = resultSchema(OBJECTIVES);
