import type { IncomingHttpHeaders } from 'node:http';
import { isGoodStatus } from '../model/good.ts';
import { grpcMessage, grpcStatusName, servingStatus, unframe } from '../model/grpc.ts';
import { pointerSteps, valueAt } from '../model/json-pointer.ts';
import { LinearPattern } from '../model/pattern/linear-pattern.ts';
import type { ContentCheck, Expected, GoodRequest, Json } from '../model/scenario.ts';
import { BODY_LIMIT } from './chain.ts';

/** What an answer should not have said. */
export type Wrong = {
  /** With what it said: `body: /status is "degraded", not "ok"`. */
  readonly text: string;
  /** Without it, for when there are too many different ones. */
  readonly plain: string;
};

/** What of an answer its checks look at besides the status. */
export type AnswerParts = {
  readonly body: boolean;
  /** In lower case, each once. */
  readonly headers: readonly string[];
};

/** What has to be told of an answer where another process than the judge's receives it. */
export function answerParts({ content = [] }: GoodRequest): AnswerParts {
  const headers = content.flatMap((check) => {
    if (check.of === 'header') return [check.name.toLowerCase()];
    return check.of === 'grpc' ? ['grpc-status', 'grpc-message'] : [];
  });
  const body = content.some((check) => check.of === 'body' || (check.of === 'grpc' && check.serving));
  return { body, headers: [...new Set(headers)] };
}

/** What a whole answer said besides its status; `truncated` says that the body is only its beginning. */
export type AnswerText = {
  readonly headers: IncomingHttpHeaders;
  /** Its bytes as they came. */
  readonly body: Uint8Array;
  readonly truncated: boolean;
};

type Answer = AnswerText & { readonly status: number };

/** Says what is wrong with an answer; undefined when nothing is, or its status is wrong already. */
export type ContentJudge = (answer: Answer) => Wrong | undefined;

/** Compiles what a good answer says besides status and chain; undefined where it need not say anything. */
export function contentJudge(good: GoodRequest): ContentJudge | undefined {
  const checks = (good.content ?? []).map(checkOf);
  if (checks.length === 0) return undefined;
  return (answer) => {
    if (!isGoodStatus(answer.status, good)) return undefined;
    for (const check of checks) {
      const wrong = check(answer);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

function checkOf(check: ContentCheck): ContentJudge {
  if (check.of === 'grpc') return grpcCheck(check);
  const expectation = expectationOf(check.expected);
  if (check.of === 'header') {
    const name = check.name.toLowerCase();
    return ({ headers }) => compare(`header ${name}`, headerOf(headers[name]), expectation);
  }
  const { pointer } = check;
  if (pointer === undefined) return ({ body }) => compare('body', textOf(body), { ...expectation, isWhole: true });
  const steps = pointerSteps(pointer) ?? [];
  return ({ body, truncated }) => {
    if (truncated) return plainly(`body: longer than ${BODY_LIMIT / 1024} KiB, so that ${pointer} was not looked for`);
    const document = jsonOf(textOf(body));
    if (document === undefined) return plainly(`body: no JSON, so that there is no ${pointer}`);
    return compare(`body: ${pointer}`, valueAt(document, steps), expectation);
  };
}

type Expectation = {
  readonly holds: (value: Json) => boolean;
  /** What it had to be: `not "ok"`. */
  readonly words: string;
  /** The value is a whole body, which is not repeated. */
  readonly isWhole?: boolean;
};

function expectationOf(expected: Expected): Expectation {
  if ('matches' in expected) {
    const pattern = new LinearPattern(expected.matches);
    const holds = (value: Json) => pattern.test(typeof value === 'string' ? value : JSON.stringify(value));
    return { holds, words: `and does not match /${shortened(expected.matches)}/` };
  }
  return {
    holds: (value) => isSame(value, expected.equals),
    words: `not ${shortened(JSON.stringify(expected.equals))}`,
  };
}

function compare(where: string, value: Json | undefined, { holds, words, isWhole }: Expectation): Wrong | undefined {
  if (value === undefined) return plainly(`${where} is not there`);
  if (holds(value)) return undefined;
  const plain = `${where} is something else, ${words}`;
  if (isWhole) return plainly(`${where}: the text ${words.replace(/^and /, '')}`);
  return { text: `${where} is ${shortened(JSON.stringify(value))}, ${words}`, plain };
}

/** The status comes in a trailer, or in a header where nothing else is said. */
function grpcCheck({ status, serving }: ContentCheck & { of: 'grpc' }): ContentJudge {
  return ({ headers, body }) => {
    const code = headerOf(headers['grpc-status']);
    if (code === undefined) return plainly('gRPC: no grpc-status in the answer');
    const name = grpcStatusName(code);
    if (!status.some((one) => one === name)) return wrongStatus(name, headerOf(headers['grpc-message']) ?? '');
    return serving && name === 'OK' ? notServing(body) : undefined;
  };
}

function wrongStatus(name: string, encoded: string): Wrong {
  const plain = `gRPC ${name}`;
  const message = grpcMessage(encoded).replace(/[\p{C}\p{Z}]+/gu, ' ');
  return { text: message === '' ? plain : `${plain}: ${shortened(message, MESSAGE_SHOWN)}`, plain };
}

function notServing(body: Uint8Array): Wrong | undefined {
  const message = unframe(body);
  const health = message === undefined ? undefined : servingStatus(message);
  if (health === 'SERVING') return undefined;
  return plainly(`gRPC OK: the health service says ${health ?? 'something else'}, not SERVING`);
}

function plainly(text: string): Wrong {
  return { text, plain: text };
}

/** Characters of a value that are repeated. */
const SHOWN = 60;

/** Characters of a message of gRPC that are repeated. */
const MESSAGE_SHOWN = 160;

function shortened(text: string, most = SHOWN): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Whether two values are the same JSON; the order of names says nothing. */
function isSame(one: Json, other: Json): boolean {
  if (one === null || other === null || typeof one !== 'object' || typeof other !== 'object') return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [own, theirs] = [Object.entries(one), new Map(Object.entries(other))];
  return (
    own.length === theirs.size &&
    own.every(([key, value]) => {
      const there = theirs.get(key);
      return there !== undefined && isSame(value, there);
    })
  );
}
