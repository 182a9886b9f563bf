/**
 * User and password in the URLs of a text (RFC 3986, userinfo), after the scheme. Many a password stands there as no URL has it, with
 * slashes and signs: then it ends with the last `@` of its word. What looks like a port begins none.
 */
export const USERS = new RegExp(
  String.raw`(\b[a-z][a-z0-9+.-]{0,30}:\/\/)` +
    '(?:' +
    String.raw`[^\s/:@"'\`]{0,256}:(?!\d{1,5}(?:[/?#]|$))[^\s"'\`]{0,512}|[^\s/"'\`]{1,512}` +
    ')@',
  'gi',
);

/** The address of a server as people are told it, and as it is recorded: without user and password. */
export function withoutUser(text: string): string {
  return text.replace(USERS, '$1');
}
