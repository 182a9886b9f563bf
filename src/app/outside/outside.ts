import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { Outside, OutsideAction, OutsideEnd, OutsideHeader, Surroundings } from '../../model/ports.ts';
import { redactor, tracesOf } from '../../model/redact.ts';
import type { Millis } from '../../model/units.ts';
import { withoutUser } from '../../model/without-user.ts';
import { MOST_BYTES, runProgram, saidIn } from './outside-program.ts';
import {
  alwaysOf,
  type Environment,
  goneText,
  isFolder,
  obstaclesTo,
  surroundingsOf,
  variable,
  variablesOf,
} from './outside-surroundings.ts';

/** When it is ended before its end. */
type Bounds = { readonly limit: Millis; readonly signal: AbortSignal | undefined };

/** Most that is read of an answer in which a text is sought. */
const MOST_SOUGHT_IN = 16 * 1024 * 1024;

const STOPPED = 'it was ended, since the run is to end';

/** What hooks reach outside of Kubernetes from here, with the values of this environment. */
export function outsideOf(environment: Environment): Outside {
  const seal = (text: string) => createHmac('sha256', keyOf(environment)).update(text).digest('hex');
  const sealOf = (name: string, value: string) => seal(JSON.stringify({ name, value }));
  return {
    act: async (action, { env, limit, outlives, signal, surroundings, seeks }) => {
      const names = variablesOf(action, env);
      const values = new Map(names.map((name) => [name, variable(name, environment)]));
      const redact = redactor([...values.values()].flatMap(tracesOf));
      try {
        signal?.throwIfAborted();
        const end =
          'command' in action
            ? await runProgram(action.command, {
                ...placeFor(surroundings, values, environment),
                ...{ limit, outlives, signal },
              })
            : await send(action, values, { limit, signal, seeks });
        const { stderr } = end;
        return { ...end, said: redact(end.said), ...(stderr === undefined ? {} : { stderr: redact(stderr) }) };
      } catch (error) {
        const what = 'command' in action ? action.command[0] : withoutUser(action.url);
        throw new FaultlineError('HOOK', `${what}: ${signal?.aborted ? STOPPED : redact(messageOf(error))}`);
      }
    },
    seal: async (text) => seal(text),
    surroundings: async (actions, env) => surroundingsOf(actions, env, environment, sealOf),
    obstacles: async (surroundings) => obstaclesTo(surroundings, environment, sealOf),
  };
}

/** Where a program runs, and its whole environment. Throws where its folder is gone. */
function placeFor(
  surroundings: Surroundings | undefined,
  values: ReadonlyMap<string, string>,
  environment: Environment,
): { readonly env: Record<string, string>; readonly folder?: string } {
  const { programs } = surroundings ?? { programs: null };
  const env = { ...Object.fromEntries(values), ...(programs?.always ?? alwaysOf(environment)) };
  if (programs === null) return { env };
  if (!isFolder(programs.folder)) throw new Error(goneText(programs.folder));
  return { env, folder: programs.folder };
}

async function send(
  { method, url, headers, body }: Extract<OutsideAction, { url: string }>,
  values: ReadonlyMap<string, string>,
  { limit, signal, seeks }: Bounds & { readonly seeks: string | undefined },
): Promise<OutsideEnd> {
  const sent = Object.fromEntries(headers.map((one) => [one.name, headerValue(one, values)]));
  const over = [AbortSignal.timeout(limit), ...(signal === undefined ? [] : [signal])];
  const answer = await fetch(url, { method, headers: sent, body, redirect: 'manual', signal: AbortSignal.any(over) });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (seeks === undefined && size > MOST_BYTES) break;
    if (size > MOST_SOUGHT_IN) throw new Error(`the answer is longer than ${MOST_SOUGHT_IN} bytes`);
  }
  const end = { code: answer.status, said: saidIn(chunks) };
  // As it came: what is told of it is cut, and has no values of variables in it.
  return seeks === undefined ? end : { ...end, has: Buffer.concat(chunks).includes(seeks) };
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
