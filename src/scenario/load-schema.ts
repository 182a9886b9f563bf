import { AUTO, type EngineTraits } from '../model/engine.ts';
import { exactlyOne, list, mapping, quantity, record, text, withDefault, word, yesNo } from '../schema/builders.ts';
import { DNS_LABEL, dnsLabel, plainName } from '../schema/names.ts';
import type { Schema } from '../schema/schema.ts';
import { body } from './body-schema.ts';
import { engineNames } from './engine-names.ts';
import { good } from './good-schema.ts';
import { grpc } from './grpc-schema.ts';
import { headerValue } from './header-schema.ts';
import { answerHeader, HEADER_NAME, jsonPointer } from './names.ts';

const requestFields = {
  path: text('Path and query, starting with a slash.', {
    pattern: '^/[^\\s#]*$',
    patternErrorMessage: 'must start with a slash and have no spaces and no fragment',
    maxLength: 2048,
    examples: ['/mock'],
  }),
  grpc,
  protocol: word('`http2`: HTTP/2 and nothing else, over TLS by ALPN, else unasked (h2c). Default: HTTP/1.1.', [
    'http2',
  ]),
  method: word('HTTP method. Default: POST with a body, else GET.', [
    ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  ]),
  host: text("Host header and, over TLS, server name. The gateway's address when left out.", {
    pattern: '^[A-Za-z0-9]([-._A-Za-z0-9]{0,251}[A-Za-z0-9])?(:\\d{1,5})?$',
    patternErrorMessage: 'must be a host name without protocol and path',
    examples: ['mock.asm-demo.work'],
  }),
  headers: withDefault(record('Further request headers.', headerValue, HEADER_NAME), {}),
  body,
};

const request = mapping('The request of this path.', { optional: requestFields }, exactlyOne('path', 'grpc'));

const gatewayZone = mapping('One gateway zone.', {
  required: { zone: plainName('Zone of the gateway address.', 'ap-northeast-1a') },
  optional: { cluster: plainName('Cluster of the gateway; any cluster when left out.', 'tokyo') },
});

const via: Schema<'each-gateway-zone' | readonly { readonly zone: string; readonly cluster?: string }[]> = {
  description: 'Which gateway zones the requests go through.',
  anyOf: [
    word('Every gateway zone of every cluster of the target.', ['each-gateway-zone']),
    list('The named gateway zones.', gatewayZone, { minItems: 1, maxItems: 64 }),
  ],
};

const rate = (description: string) => quantity('rate', description, { min: '1/m', max: '5000/s', example: '50/s' });

const path = mapping('A request, sent at its own steady rate through each gateway zone.', {
  required: { name: dnsLabel('Name of the path in findings and reports.', 'entry'), request },
  optional: {
    via: withDefault(via, 'each-gateway-zone'),
    rate: rate('Requests on each gateway zone of this path, where that is another rate than `load.rate`.'),
    good: good('Where a good request of this path is another than `load.good` says, field by field.'),
  },
});

/** How one hop of the chain is written by the mock services. */
const DEFAULT_HOP = '-> {service}(version: {zone}, ip: {ip})';

const chainFrom: Schema<'body' | { readonly header?: string; readonly pointer?: string }> = {
  description: 'Where the call chain stands in the answer: the body, a header, or a value in a body of JSON.',
  anyOf: [
    word('The response body.', ['body']),
    mapping(
      'A response header, or a value in a body of JSON.',
      { optional: { header: answerHeader('x-chain'), pointer: jsonPointer('/served/by') } },
      exactlyOne('header', 'pointer'),
    ),
  ],
};

const calls = record(
  'Services that call several others, or another than the one after them in the chain: `{productpage: [details, reviews]}`. Every other one calls the one after it.',
  list('What it calls, each as often as it calls it.', dnsLabel('Name of the service.', 'details'), {
    maxItems: 64,
    examples: [['details', 'reviews']],
  }),
  DNS_LABEL,
);

const chain = mapping('How the answer tells which services served the request, and where.', {
  optional: {
    from: withDefault(chainFrom, 'body'),
    hop: withDefault(
      text(
        'How one hop is written: literal text with {service}, {zone}, {ip} and {pod}, as many of them as are there. What is missing is looked up in the endpoints that are observed.',
        { maxLength: 256 },
      ),
      DEFAULT_HOP,
    ),
    anywhere: yesNo('Hops stand anywhere in it, between other text. Default: nothing but hops may be there.'),
    calls: withDefault(calls, {}),
  },
});

/** A relative path of a script, without a protocol, a `..` segment, a backslash or a control character. */
const SCRIPT_PATH = '^(?!/|[A-Za-z][-+.A-Za-z0-9]*:)(?!(.*/)?\\.\\.(/|$))[^\\\\\\x00-\\x1f\\x7f]+\\.(ts|js)$';

const script = (engines: readonly EngineTraits[]) =>
  text(
    `A k6 script that sends the requests in place of the harness's own, relative to this file. Each of its iterations sends the request of each path once through the gateway zone; \`good\` and \`paths\` keep their meaning. Needs the engine ${engineNames(engines, ({ script: support }) => support !== undefined)}, and \`connections: fresh\`.`,
    {
      pattern: SCRIPT_PATH,
      patternErrorMessage:
        'must be the relative path of a .ts or .js file in the folder of this file or below: no absolute path, no `..`, no backslash, no URL',
      maxLength: 1024,
      examples: ['load/checkout.ts'],
    },
  );

/** The word for the engine, with what each of them is. */
function engineWord(engines: readonly EngineTraits[]): Schema<string> {
  const docs = engines.map(({ name, doc }) => `\`${name}\` ${doc}`).join('; ');
  const choice = `\`${AUTO}\` takes the first that carries the rate`;
  const standard = engines[0] === undefined ? '' : ` Default: \`${engines[0].name}\`.`;
  const description = `What sends the requests. ${[docs, choice].filter((part) => part !== '').join('; ')}.${standard}`;
  return word<string>(description, [...engines.map(({ name }) => name), AUTO]);
}

/** `spec.load`, sent by one of these engines. */
export const load = (engines: readonly EngineTraits[]) =>
  mapping('The requests that judge the system.', {
    required: {
      paths: list('The requests to send.', path, { minItems: 1, maxItems: 64 }),
      rate: rate('Requests on each path, sent on time whether or not earlier ones were answered.'),
    },
    optional: {
      timeout: withDefault(
        quantity('duration', 'Longest wait for one whole answer.', { min: '10ms', max: '60s', example: '2s' }),
        '2s',
      ),
      connections: withDefault(
        word('`kept`: connections are reused. `fresh`: one connection for each request.', ['kept', 'fresh']),
        'kept',
      ),
      engine: engineWord(engines),
      script: script(engines),
      dashboard: yesNo(
        `Keep the engine's own web dashboard beside the report; only with the engine ${engineNames(engines, ({ dashboard }) => dashboard)}. Default: \`false\`.`,
      ),
      chain: withDefault(chain, {}),
      good: withDefault(good('What makes a request good. Everything else is bad.'), {}),
    },
  });
