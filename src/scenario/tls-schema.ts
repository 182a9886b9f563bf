import { mapping, text, yesNo } from '../schema/builders.ts';
import type { Schema } from '../schema/schema.ts';
import { environmentName } from './env-schema.ts';

/** A PEM text in a file, or in the environment. */
export function pem(what: string, file: string, variable: string): Schema<string | { readonly env: string }> {
  return {
    description: `${what}: the path of a PEM file, relative to this file, or the environment variable that holds the PEM text.`,
    anyOf: [
      text('Path of the PEM file, relative to this file.', { maxLength: 1024, examples: [file] }),
      mapping('PEM text that is read from the environment when a run begins.', {
        required: { env: environmentName(variable) },
      }),
    ],
  };
}

/** How TLS is spoken to a gateway whose address is https. */
export const tls = mapping(
  'How TLS is spoken to https gateways. Fields of a gateway win over those of its cluster.',
  {
    optional: {
      ca: pem("The certificates that are trusted, in place of the system's", './ca.pem', 'GATEWAY_CA'),
      cert: pem('The client certificate with its chain; needs `key`', './client.pem', 'CLIENT_CERT'),
      key: pem('The key of the client certificate, without a passphrase', './client-key.pem', 'CLIENT_KEY'),
      serverName: text(
        "Name that is asked for in the handshake, and that the certificate must have. The request's host when left out.",
        {
          pattern: '^(?!\\d{1,3}(\\.\\d{1,3}){3}$)[A-Za-z0-9]([-._A-Za-z0-9]{0,251}[A-Za-z0-9])?$',
          patternErrorMessage: 'must be a host name, not an address and without a port',
          examples: ['shop.example.com'],
        },
      ),
      insecure: yesNo(
        '`true`: the certificate is NOT checked, and whoever answers is taken for the gateway. Every report says so.',
      ),
    },
  },
  { minProperties: 1 },
);
