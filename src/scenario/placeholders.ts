import type { Path } from '../schema/draft.ts';
import { pathText } from './cursor.ts';
import { quoted } from './printable.ts';
import { error, type Problems, warning } from './problems.ts';
import type { ScalarNode, TreeNode } from './yaml-tree.ts';

/** What shells, templates and CI systems replace, and nothing here does; only the name of it may be shown. */
const PLACEHOLDER =
  /(?<shell>\$\{)([A-Za-z_]\w*)?[^}]*\}|(?<template>\{\{)[-\s.$]*([A-Za-z_]\w*)[^{}]*\}\}|\$\(([A-Za-z_]\w*)\)/;

/** A hop template may have a dollar before its own placeholders, and a shell in a container replaces what it is given. */
const REPLACED_ELSEWHERE = new Set(['hop', 'command', 'args']);

/**
 * Reports text that was meant to be replaced, such as `${TOKEN}`: an error in a request, which would send it as it stands,
 * and else a warning.
 */
export function checkPlaceholders(root: TreeNode, problems: Problems): void {
  visit(root, [], problems);
}

function visit(node: TreeNode, path: Path, problems: Problems): void {
  if (node.kind === 'scalar') checkText(node, path, problems);
  if (node.kind === 'list') for (const [index, item] of node.items.entries()) visit(item, [...path, index], problems);
  if (node.kind !== 'map') return;
  for (const { key, value } of node.entries) {
    if (!REPLACED_ELSEWHERE.has(key)) visit(value, [...path, key], problems);
  }
}

function checkText(node: ScalarNode, path: Path, problems: Problems): void {
  const found = typeof node.value === 'string' ? PLACEHOLDER.exec(node.value) : null;
  if (found === null) return;
  const { shell, template } = found.groups ?? {};
  const variable = found[2] ?? found[4] ?? found[5] ?? 'NAME';
  const written =
    template === undefined ? (shell === undefined ? `$(${variable})` : `\${${variable}}`) : `{{${variable}}}`;
  const sent = path[1] === 'load' && path.includes('request');
  const consequence = sent ? 'would be sent as it stands' : 'stands for itself';
  const message = `nothing replaces ${quoted(written)} in ${pathText(path)}: it ${consequence}`;
  const hint = hintFor(path, found.input.slice(0, found.index), variable);
  if (sent) error(problems, 'FIELD_VALUE', node, message, hint);
  else warning(problems, 'FIELD_VALUE', node, message, hint);
}

/** `path` goes from `spec` on. */
function bodyHint(path: Path, variable: string): string {
  if (path[6] !== 'json') return `read the whole body from the environment: \`body: {env: ${variable}}\``;
  const pointer = path.slice(7).map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return `read it from the environment, beside \`json\`: \`secrets: {${pointer.join('')}: {env: ${variable}}}\``;
}

function hintFor(path: Path, before: string, variable: string): string {
  if (path[5] === 'body') return bodyHint(path, variable);
  if (!path.includes('headers')) return 'write the value, or replace it on the command line with `--set`';
  // Only a scheme is repeated: anything else could be part of the secret.
  const scheme = /^[A-Za-z]{1,16} $/.test(before) ? `, prefix: "${before}"` : '';
  return `read it from the environment: \`${String(path.at(-1))}: {env: ${variable}${scheme}}\``;
}
