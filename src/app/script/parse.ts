import { SourceMap, stripTypeScriptTypes } from 'node:module';
import { type Options, Parser, type Program } from 'acorn';
import { messageOf } from '../../model/errors.ts';

/** A script as JavaScript; `originOf` leads from an offset of a node to the offset in the text as it was written. */
export type ParsedScript = { readonly program: Program; readonly originOf: (at: number) => number };

/** Why a text cannot be read as a script, and where, in code units. */
export class UnreadableScript extends Error {
  readonly at: number;
  constructor(cause: unknown, at: number) {
    super(messageOf(cause).split('\n')[0] ?? '', { cause });
    this.at = at;
  }
}

const OPTIONS: Omit<Options, 'sourceType'> = {
  ecmaVersion: 'latest',
  allowHashBang: true,
  allowReturnOutsideFunction: true,
};

/** Takes `export { A }` of a type that is gone: what is exported is not asked here. */
class LenientParser extends Parser {
  checkLocalExport(): void {}
}

/** Reads a script in JavaScript or, by its name, TypeScript. Throws UnreadableScript for what this parser cannot read. */
export function parseScript(text: string, name: string): ParsedScript {
  const { code, originOf } = name.endsWith('.ts') ? withoutTypes(text) : { code: text, originOf: (at: number) => at };
  try {
    return { program: parseEither(code), originOf };
  } catch (error) {
    const { pos } = error as { pos?: unknown };
    throw new UnreadableScript(error, originOf(typeof pos === 'number' ? pos : 0));
  }
}

/** Libraries of old are no modules: what they write may be forbidden there. */
function parseEither(code: string): Program {
  try {
    return LenientParser.parse(code, { ...OPTIONS, sourceType: 'module' });
  } catch (error) {
    try {
      return LenientParser.parse(code, { ...OPTIONS, sourceType: 'script' });
    } catch {
      throw error;
    }
  }
}

type JavaScript = { readonly code: string; readonly originOf: (at: number) => number };

/** Types become spaces, so that offsets stay; only what makes code of its own, such as an enum, moves them. */
function withoutTypes(text: string): JavaScript {
  try {
    return { code: quietly(() => stripTypeScriptTypes(text)), originOf: (at) => at };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
      throw new UnreadableScript(error, 0);
  }
  try {
    const mapped = quietly(() => stripTypeScriptTypes(text, { mode: 'transform', sourceMap: true }));
    return { code: mapped, originOf: originsOf(mapped, text) };
  } catch (error) {
    throw new UnreadableScript(error, 0);
  }
}

const MAP = /\n\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/;

function originsOf(code: string, text: string): (at: number) => number {
  const encoded = MAP.exec(code)?.[1];
  if (encoded === undefined) return () => 0;
  const map = new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')));
  const lines = lineStarts(text);
  return (at) => {
    const before = code.slice(0, at).split('\n');
    const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
    return 'originalLine' in entry ? (lines[entry.originalLine] ?? 0) + entry.originalColumn : 0;
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Node warns of an experiment where its types are stripped; whoever checks a scenario can do nothing about it. */
function quietly<T>(work: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
