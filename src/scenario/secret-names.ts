import { hideCredentials, saysSecret } from '../model/credentials.ts';
import { isNear } from './suggest.ts';

/** What people mean by a name that they have misspelt by a letter or two. */
const MEANT = ['authorization', 'password', 'passphrase', 'credentials', 'token', 'secret', 'cookie', 'apikey'];
/** From so many letters on, two may be wrong. */
const LONG = 8;
const SHORTEST_TOKEN = 12;
const SHORT_FORM = /^(?:pass|pw|psw|tkn|tok|creds?)$/i;

/** Whether the name of a field says that its value is a secret, also where it is misspelt or short for one. */
export function isSecretName(name: string): boolean {
  if (saysSecret(name)) return true;
  const words = [name, ...name.split(/[-_.]|(?<=[a-z])(?=[A-Z])/)];
  return words.some(
    (word) => SHORT_FORM.test(word) || MEANT.some((meant) => isNear(word, meant, meant.length < LONG ? 1 : 2)),
  );
}

/** What stands in the place of a secret and says where it comes from. */
export const SOURCES: ReadonlySet<string> = new Set(['env', 'file', 'command', 'refresh', 'prefix']);

/** Whether a text is a name as variables have one. A token, too, may be of such letters. */
export function isVariable(text: string): boolean {
  if (!/^[A-Za-z_]\w{0,255}$/.test(text) || hideCredentials(text) !== text) return false;
  return !/[a-z]/.test(text) || !/\d/.test(text) || text.length < SHORTEST_TOKEN;
}
