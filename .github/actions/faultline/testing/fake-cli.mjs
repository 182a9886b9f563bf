/**
 * In place of the command line: notes what it was asked and which signals came, in the file FAKE_NOTES, and does what FAKE_SAYS
 * says, as JSON: for each command its exit code, and what to write or to wait for.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Say
 * @property {number | number[]} [code] one for each time that it is asked, the last one for all later ones
 * @property {string} [stdout]
 * @property {object[]} [results] one for each run folder
 * @property {string} [summary] of each run
 * @property {string} [series] summary of a series
 * @property {number} [undoMs] goes on until a signal comes, and then for so long; 20 s at most
 * @property {number} [lastsMs] how long it takes, whatever signals come
 */

const [command = '', ...rest] = process.argv.slice(2);
const notes = process.env.FAKE_NOTES ?? '';
/** @param {object} what */
const note = (what) => appendFileSync(notes, `${JSON.stringify(what)}\n`);
/** @type {Say} */
const says = JSON.parse(process.env.FAKE_SAYS ?? '{}')[command] ?? {};
const { code = 0, stdout = '', results = [], summary = '# one run\n', series, undoMs, lastsMs = 0 } = says;
const before = existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : [];
const times = before.filter((line) => JSON.parse(line).command === command).length;

note({ command, args: rest });
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    note({ signal });
    if (undoMs !== undefined && signal === 'SIGINT') setTimeout(() => process.exit(130), undoMs);
  });
}
const out = rest[rest.indexOf('--out') + 1] ?? '.';
for (const [index, result] of results.entries()) {
  const folder = join(out, `20261129t00000${index}z-fake`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
  writeFileSync(join(folder, 'summary.md'), summary);
}
if (series !== undefined) {
  mkdirSync(join(out, 'series-1'), { recursive: true });
  writeFileSync(join(out, 'series-1', 'summary.md'), series);
}
process.stdout.write(stdout);
note({ ready: command });
if (undoMs !== undefined) setTimeout(() => process.exit(99), 20_000);
else setTimeout(() => process.exit(Array.isArray(code) ? (code[times] ?? code.at(-1)) : code), lastsMs);
