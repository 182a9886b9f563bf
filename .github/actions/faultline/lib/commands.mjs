/**
 * Workflow commands of GitHub Actions, as text of one line
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
 */

/** The runner keeps ten annotations of each level a step, and cuts a message at 4,096 characters. */
const LONGEST = 2_000;

/** @param {string} text */
function escapeData(text) {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** @param {string} text */
function escapeProperty(text) {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/**
 * @typedef {object} Annotation
 * @property {'error' | 'warning' | 'notice'} level
 * @property {string} title
 * @property {string} message
 * @property {string} [file] relative to the workspace
 * @property {number} [line] from 1
 * @property {number} [col] from 1
 */

/**
 * @param {Annotation} annotation
 * @returns {string} the command that shows it
 */
export function annotationCommand({ level, title, message, ...place }) {
  const properties = Object.entries({ ...place, title }).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}=${escapeProperty(String(value))}`,
  );
  const cut = message.length > LONGEST ? `${message.slice(0, LONGEST)} ...` : message;
  return `::${level} ${properties.join(',')}::${escapeData(cut)}`;
}

/**
 * The runner hides a value and, where it has several lines, each of them. A line of one or two characters would make
 * every log unreadable and hide nothing.
 *
 * @param {string} value
 * @returns {string[]} the commands that hide it in all that is logged from here on
 */
export function maskCommands(value) {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const hidden = new Set([value.trim(), ...lines].filter((text) => text.length > 2));
  return [...hidden].map((text) => `::add-mask::${escapeData(text)}`);
}
