/** `npm run test:drills` runs them, too. */
const WANTED = process.env.FAULTLINE_ALL === 'drills';

/** A drill for which the fast suite has no room: others there go through the same steps. */
export function longDrill(title: string, body: () => Promise<void>): void {
  if (WANTED) it(title, body);
}
