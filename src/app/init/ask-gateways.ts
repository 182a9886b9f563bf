import { type RequestOptions, request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Path, TlsMaterial } from '../../model/target.ts';
import type { Answer } from '../../starter/answer-texts.ts';

type Asked = { readonly method: string; readonly path: string; readonly host?: string };

const LIMIT_MS = 5_000;
/** As much as an engine looks at. */
const MOST_BYTES = 65_536;
/** A text that only happens to stand in one answer does not stand in the next. */
const TIMES = 2;

/** Sends a request twice through each gateway, one after the other; what was not answered is left out. Never rejects. */
export async function askGateways(
  paths: readonly Path[],
  material: Readonly<Record<string, TlsMaterial>>,
  asked: Asked,
): Promise<Answer[]> {
  const answers = await Promise.all(
    paths.map(async (path) => {
      const own: (Answer | undefined)[] = [];
      for (let time = 0; time < TIMES; time += 1) own.push(await ask(path, material[path.id], asked));
      return own;
    }),
  );
  return answers.flat().filter((answer) => answer !== undefined);
}

function ask(path: Path, material: TlsMaterial | undefined, asked: Asked): Promise<Answer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
  const name = asked.host ?? path.host;
  const options: RequestOptions = {
    ...{ host: path.host, port: path.port, method: asked.method, path: asked.path, agent: false },
    headers: { host: name, 'user-agent': 'faultline' },
    signal: AbortSignal.timeout(LIMIT_MS),
  };
  const tls = {
    ...{ servername: path.tls?.serverName ?? name, ca: material?.ca, ...material?.client },
    rejectUnauthorized: path.tls?.insecure !== true,
  };
  const sent = path.protocol === 'https' ? requestTls({ ...options, ...tls }) : request(options);
  sent.on('error', () => resolve(undefined));
  sent.on('response', (response) => {
    const parts: Buffer[] = [];
    let size = 0;
    response.on('data', (part: Buffer) => {
      if (size < MOST_BYTES) parts.push(part);
      size += part.length;
    });
    response.on('error', () => resolve(undefined));
    response.on('end', () => {
      const headers = Object.entries(response.headers).map(([key, value]) => [key, [value].flat().join(', ')]);
      const body = Buffer.concat(parts).toString('utf8');
      resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(headers), body });
    });
  });
  sent.end();
  return promise;
}
