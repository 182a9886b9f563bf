import { existsSync, readFileSync } from 'node:fs';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { FAULT_KINDS } from '../../faults/index.ts';
import { ENGINE_KINDS } from '../../load/engines.ts';
import { type Diagnostic, FaultlineError, messageOf, type Parsed } from '../../model/errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Target } from '../../model/target.ts';
import { formatDiagnostics, locate, parseScenario, parseTargets } from '../../scenario/index.ts';
import { scriptProblems } from '../script/script-files.ts';
import { TARGET_CHOICE } from '../targets/names.ts';
import { readFaultFiles } from './fault-files.ts';
import { meetingFaults } from './meeting-faults.ts';
import { bodyProblems } from './request-bodies.ts';
import { applySettings } from './settings.ts';

/** Problems of an input file, already printed the way people read them. */
export class InvalidFile extends FaultlineError {
  readonly diagnostics: readonly Diagnostic[];
  readonly text: string;
  constructor(file: string, diagnostics: readonly Diagnostic[], text: string) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
    super('USAGE', `${file}: ${errors} problem${errors === 1 ? '' : 's'}`);
    this.diagnostics = diagnostics;
    this.text = text;
  }
}

/** Reads a file as UTF-8. Throws FILE_UNREADABLE. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === 'EISDIR')
      throw new FaultlineError('FILE_UNREADABLE', `${file} is a folder`, {
        hint: `Name the files: ${file}/*.yaml`,
        cause,
      });
    if (code === 'ENOENT') throw new FaultlineError('FILE_UNREADABLE', `${file} does not exist`, { cause });
    throw new FaultlineError('FILE_UNREADABLE', `${file}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Checks the text of a scenario, and what it reads from disk: its load script with all that this reads, and bodies. Problems
 * of a file stand where the scenario names it, with their own place in the message.
 */
export function checkScenarioFile(text: string, file: string): Parsed<Scenario> {
  const parsed = parseScenario(text, file, FAULT_KINDS, OBJECTIVES, ENGINE_KINDS);
  if (!parsed.ok) return parsed;
  const at = (path: readonly (string | number)[]) => ({ file, ...locate(text, path) });
  const files = readFaultFiles(parsed.value, FAULT_KINDS);
  const diagnostics: Diagnostic[] = [
    ...files.problems.map(({ path, message }) => ({
      code: 'FILE_UNREADABLE' as const,
      message,
      severity: 'error' as const,
      ...at(path),
    })),
    ...scriptProblems(parsed.value).map((problem) => ({ ...problem, ...at(['spec', 'load', 'script']) })),
    ...meetingFaults(parsed.value, FAULT_KINDS).map(({ message, path }) => ({
      code: 'FIELD_VALUE' as const,
      message,
      severity: 'error' as const,
      ...at(path),
    })),
    ...bodyProblems(parsed.value).map(({ code, message, path }) => ({
      code,
      message,
      severity: 'error' as const,
      ...at(path),
    })),
  ];
  if (diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics };
  return { ok: true, value: { ...parsed.value, faults: files.faults }, warnings: [...parsed.warnings, ...diagnostics] };
}

/** Reads and validates a scenario. Throws InvalidFile with all problems at once. */
export function loadScenario(
  file: string,
  settings: readonly string[] = [],
): { value: Scenario; warnings: readonly Diagnostic[]; text: string } {
  const text = applySettings(readText(file), settings);
  return { ...required(checkScenarioFile(text, file), file, text), text };
}

/** Reads and validates a targets file. Throws InvalidFile with all problems at once. */
export function loadTargets(file: string): { value: Target; warnings: readonly Diagnostic[]; text: string } {
  if (!existsSync(file)) {
    throw new FaultlineError('FILE_UNREADABLE', `${file} does not exist`, {
      hint: `--target takes ${TARGET_CHOICE}.`,
    });
  }
  return checkTargetsText(readText(file), file);
}

/** Validates the text of a targets file. Throws InvalidFile with all problems at once. */
export function checkTargetsText(text: string, file: string): ReturnType<typeof loadTargets> {
  return { ...required(parseTargets(text, file), file, text), text };
}

function required<T>(parsed: Parsed<T>, file: string, text: string): { value: T; warnings: readonly Diagnostic[] } {
  if (parsed.ok) return parsed;
  throw new InvalidFile(file, parsed.diagnostics, text);
}

/** The diagnostics of an invalid file as text. */
export function describeInvalid(error: InvalidFile, color: boolean): string {
  return formatDiagnostics(error.diagnostics, error.text, { color });
}
