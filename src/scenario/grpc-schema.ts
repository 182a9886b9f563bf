import { GRPC_STATUSES } from '../model/grpc.ts';
import { exactlyOne, mapping, oneOrMore, text, word } from '../schema/builders.ts';

const NAME = '[A-Za-z_][A-Za-z_0-9]*';
const FULL_NAME = `${NAME}(\\.${NAME})*`;

/** A call of gRPC with one message and one answer. */
export const grpc = mapping(
  'A unary call of gRPC in place of `path`, over HTTP/2: of the standard health service, or of a method.',
  {
    optional: {
      health: text('Asks grpc.health.v1.Health/Check for this service; "" for the whole server. It must be SERVING.', {
        minLength: 0,
        maxLength: 256,
        pattern: `^(${FULL_NAME})?$`,
        patternErrorMessage: 'must be the full name of a service such as shop.v1.Orders, or ""',
        examples: ['shop.v1.Orders'],
      }),
      method: text('Full name of the service, a slash, and the method. Its message is `body: {file: …}` in protobuf.', {
        maxLength: 512,
        pattern: `^${FULL_NAME}/${NAME}$`,
        patternErrorMessage: 'must be a service and a method such as shop.v1.Orders/Get',
        examples: ['shop.v1.Orders/Get'],
      }),
    },
  },
  exactlyOne('health', 'method'),
);

/** `good.grpc`. */
export const grpcStatus = oneOrMore(
  'Status of a good answer of gRPC: one, or a list of them. Default: OK.',
  word('Name of a status of gRPC.', GRPC_STATUSES),
);
