import type { TouchedObject } from '../../model/history.ts';
import { unseenText, whyUnseen } from '../../model/leftover.ts';
import { isDone } from '../../model/touched-object.ts';
import { commandText, oneLine } from '../escape.ts';
import { type Html, html, joined } from '../html.ts';
import { waysOn } from '../left.ts';
import { section, table, type View } from '../view.ts';
import { OBJECT_WORDS, putBackText } from '../words.ts';

function fields(text: string | undefined, without = 'does not apply'): Html {
  return text === undefined ? html`<span class="muted">${without}</span>` : html`<code>${oneLine(text, 400)}</code>`;
}

function objectState(object: TouchedObject): Html {
  const good = isDone(object);
  return html`<span class="k k-${good ? 'pass' : 'fail'}"><span aria-hidden="true">${good ? '✓' : '✗'}</span> ${OBJECT_WORDS[object.state]}</span>`;
}

function objects(view: View): Html {
  const rows = view.result.putBack.objects;
  if (rows.length === 0) return html`<p class="none">No object was touched.</p>`;
  return table({
    caption: 'Objects touched, and what became of them',
    columns: ['Object', 'Change', 'Before', 'While the fault was on', 'After the undo', 'State'],
    stacks: true,
    rows: rows.map((object) => [
      {
        head: html`${oneLine(object.kind, 60)} ${oneLine(object.namespace, 60)}/${oneLine(object.name, 90)}<div class="sub">${oneLine(object.cluster, 60)}</div>`,
      },
      oneLine(object.change, 300),
      fields(object.before),
      fields(object.during),
      fields(object.after, isDone(object) ? 'does not apply' : 'not known'),
      objectState(object),
    ]),
  });
}

function leftovers(view: View): Html {
  const rows = view.result.putBack.leftovers;
  if (rows.length === 0) return html``;
  const unseen = rows.filter((row) => whyUnseen(row) !== undefined);
  const left = rows.filter((row) => !unseen.includes(row)).map(({ cluster, ref }) => `${ref} (${cluster})`);
  const parts = [
    ...(left.length === 0 ? [] : [html`<b>Something of ours is left:</b> ${oneLine(left.join(', '), 1000)}.`]),
    ...(unseen.length === 0
      ? []
      : [html`<b>Nobody could look for what is left</b> ${oneLine(unseen.map(unseenText).join(', '), 1000)}.`]),
  ];
  return html`<p class="warn">${joined(parts, ' ')}</p>${table({
    caption: 'Left behind, and what can be done about it',
    columns: ['What', 'Command'],
    stacks: true,
    rows: waysOn(view.result).map(({ what, command }) => [
      { head: oneLine(what, 300) },
      html`<code>${commandText(command)}</code>`,
    ]),
  })}`;
}

const STEADY = {
  true: 'Steady state after the undo: holds again.',
  false: 'Steady state after the undo: does NOT hold.',
  unknown: 'Steady state after the undo: not measured.',
} as const;

/** Proof that everything is as it was. */
export function rollbackSection(view: View): Html {
  const { putBack } = view.result;
  const steady = STEADY[putBack.steadyAfter === null ? 'unknown' : putBack.steadyAfter ? 'true' : 'false'];
  const good = putBack.state !== 'incomplete';
  return section(
    'rollback',
    'Put back',
    '',
    html`<p class="fl"><span class="k k-${good ? 'pass' : 'fail'}"><span aria-hidden="true">${good ? '✓' : '✗'}</span> ${putBackText(putBack)}</span>. ${oneLine(putBack.detail, 500)} ${steady}</p>${leftovers(view)}${objects(view)}`,
  );
}
