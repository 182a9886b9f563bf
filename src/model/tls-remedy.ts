/** What mends a handshake with a gateway that fails, by the words of Node, OpenSSL and Go for it. The first that fits is meant. */
const REMEDIES: readonly (readonly [words: RegExp, remedy: string])[] = [
  [
    /wrong version number|packet length too long|http request|does not look like a TLS handshake/i,
    'The gateway does not speak TLS on this port: write http:// in its address in the targets file, or the port that does.',
  ],
  [
    /altname|is not in the cert|doesn't contain any|cannot validate certificate for|is valid for .* not/i,
    'The certificate is of another name: name the host that it is of, as host of the request or as `tls: {serverName: NAME}` of the gateway in the targets file (docs/requests.md).',
  ],
  [/expired|not yet valid/i, 'The certificate is not valid at this time: renew it, or set the clock of this machine.'],
  [
    /self.signed|unknown authority|unable to (?:verify|get)|issuer/i,
    'This machine does not know who signed the certificate: name the authority as `tls: {ca: ./its-ca.pem}` of the gateway, or of its cluster, in the targets file (docs/requests.md).',
  ],
  [
    /certificate required|bad certificate|unknown ca|handshake failure/i,
    'The gateway wants a client certificate that it knows: name one as `tls: {cert: ./drill.pem, key: ./drill-key.pem}` of the gateway in the targets file (docs/requests.md).',
  ],
];

const ANY =
  'Whom to trust (`ca`), the server name (`serverName`) and the client certificate (`cert`, `key`) are said under tls of the gateway in the targets file (docs/requests.md).';

/** What mends a TLS error; `words` are the error's own, where they are known. */
export function tlsRemedy(words = ''): string {
  return REMEDIES.find(([pattern]) => pattern.test(words))?.[1] ?? ANY;
}
