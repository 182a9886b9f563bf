import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { Outside, OutsideAction, OutsideEnd, OutsideHeader } from '../../model/ports.ts';
import { redactor, tracesOf } from '../../model/redact.ts';
import type { Millis } from '../../model/units.ts';
import { MOST_BYTES, runProgram, saidIn } from './outside-program.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** When it is ended before its end. */
type Bounds = { readonly limit: Millis; readonly signal: AbortSignal | undefined };

const STOPPED = 'it was ended, since the run is to end';
/** What every program gets. */
const ALWAYS = ['PATH', 'HOME'];

/** What hooks reach outside of Kubernetes from here, with the values of this environment. */
export function outsideOf(environment: Environment): Outside {
  const always = pick(ALWAYS, environment);
  return {
    act: async (action, { env, limit, outlives, signal }) => {
      const names = 'command' in action ? env : action.headers.flatMap((one) => ('env' in one ? [one.env] : []));
      const values = new Map(names.map((name) => [name, variable(name, environment)]));
      const redact = redactor([...values.values()].flatMap(tracesOf));
      try {
        signal?.throwIfAborted();
        const end =
          'command' in action
            ? await runProgram(action.command, {
                env: { ...always, ...Object.fromEntries(values) },
                ...{ limit, outlives, signal },
              })
            : await send(action, values, { limit, signal });
        return { ...end, said: redact(end.said) };
      } catch (error) {
        const what = 'command' in action ? action.command[0] : action.url;
        throw new FaultlineError('HOOK', `${what}: ${signal?.aborted ? STOPPED : redact(messageOf(error))}`);
      }
    },
    seal: async (text) => createHmac('sha256', keyOf(environment)).update(text).digest('hex'),
  };
}

function variable(name: string, environment: Environment): string {
  const value = environment[name];
  if (value !== undefined && value !== '') return value;
  throw new FaultlineError('ENV_MISSING', `the hook needs the environment variable ${name}, which is not set`, {
    hint: 'Set it in the environment that faultline is started with.',
  });
}

function pick(names: readonly string[], environment: Environment): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}

async function send(
  { method, url, headers, body }: Extract<OutsideAction, { url: string }>,
  values: ReadonlyMap<string, string>,
  { limit, signal }: Bounds,
): Promise<OutsideEnd> {
  const sent = Object.fromEntries(headers.map((one) => [one.name, headerValue(one, values)]));
  const over = [AbortSignal.timeout(limit), ...(signal === undefined ? [] : [signal])];
  const answer = await fetch(url, { method, headers: sent, body, redirect: 'manual', signal: AbortSignal.any(over) });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) break;
  }
  return { code: answer.status, said: saidIn(chunks) };
}

function headerValue(header: OutsideHeader, values: ReadonlyMap<string, string>): string {
  return 'env' in header ? header.prefix + (values.get(header.env) ?? '') : header.value;
}

/** The key of this user on this machine, made when it is first needed (XDG Base Directory: state). */
function keyOf(environment: Environment): Buffer {
  const folder = join(environment.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'faultline');
  const file = join(folder, 'seal.key');
  try {
    return readFileSync(file);
  } catch {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(file, randomBytes(32), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    }
    return readFileSync(file);
  }
}
