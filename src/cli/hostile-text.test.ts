import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { JournalCluster } from '../model/journal.ts';
import { encodePath, encodeText } from '../model/record-codec.ts';
import { redactor, tracesOf } from '../model/redact.ts';
import type { RunResult } from '../model/result.ts';
import { serializeResult } from '../report/index.ts';
import { hostileTexts, toldBy } from '../report/testing/hostile-texts.ts';
import { readMarkup } from '../report/testing/markup.ts';
import { renderHtml, renderJunit, renderMarkdown, renderOneLine, renderTerminal } from '../report/testing/render.ts';
import { poisonedRun } from '../report/testing/results/hostile.ts';
import { systemClock } from '../run/system-clock.ts';
import { openHistory, readHistory } from '../store/history-file.ts';
import { createJournal, readJournal } from '../store/journal-file.ts';
import { runFolder } from '../store/run-folder.ts';
import { openConsole, reportError } from './output.ts';
import { openProgress } from './progress.ts';
import { shortScreenText } from './screen.ts';
import type { Stream } from './unread.ts';

/** How many texts go through every writer: `FAULTLINE_HOSTILE=100000` takes more. */
const TEXTS = Number(process.env.FAULTLINE_HOSTILE ?? 2_000);
/** Texts that one report holds. */
const BATCH = 300;

const SECRET = 'Bearer s3cr3t-t0ken-0123456789';
const TRACES = tracesOf(SECRET);
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are ours
const OWN_COLOR = /\u001b\[(?:[0-2]|3[1-6])m/g;

/** Texts of a system that echoes what it was sent, as they are once the run has hidden its secrets. */
function* echoed(seed: number): Generator<string> {
  const redact = redactor(TRACES);
  let turn = 0;
  for (const text of hostileTexts(seed)) {
    turn++;
    if (turn % 5 > 0) yield text;
    else yield redact(turn % 2 > 0 ? `${text} ${SECRET}` : `${text}${encodeURIComponent(SECRET)}${text}`);
  }
}

function take(texts: Generator<string>, count: number): string[] {
  return Array.from({ length: count }, () => texts.next().value);
}

function expectHarmless(text: string, what: string): void {
  expect(toldBy(text), `${what}: ${JSON.stringify(text.slice(0, 300))}`).to.deep.equal([]);
  for (const trace of TRACES) expect(text.includes(trace), `${what} holds a secret`).to.equal(false);
}

/** Within the page, a picture in it, or a file beside it. */
const LINK = /^#|^data:image\/svg\+xml,|^[A-Za-z0-9][-.\w]*$/;

function stream(isTTY: boolean): Stream & { text: string } {
  return {
    isTTY,
    text: '',
    write(text: string) {
      this.text += text;
    },
  };
}

/** A colour of ours is no space to whoever looks for commands at the start of a line. */
const withoutColor = (text: string): string => text.replace(OWN_COLOR, 'C');

function eventsWith(text: string): HistoryEvent[] {
  const stamp = { seq: 1, t: 1, wall: '' };
  return [
    { ...stamp, type: 'notice', level: 'warning', text },
    { ...stamp, type: 'notice', level: 'info', text: `\n${text}` },
    { ...stamp, type: 'fault', fault: text, step: 'undo-failed', detail: text },
    { ...stamp, type: 'steady-state', when: 'before', holds: false, detail: text },
  ];
}

describe(`hostile text through every writer (${TEXTS} texts)`, function () {
  this.timeout(20_000 + TEXTS * 20);

  for (const isTerminal of [false, true]) {
    it(`is harmless ${isTerminal ? 'on a terminal' : 'in a log'}, whoever prints it`, () => {
      const [stdout, stderr] = [stream(isTerminal), stream(isTerminal)];
      const out = openConsole('text', { stdout, stderr }, { CI: 'true' });
      const progress = openProgress(out);
      for (const text of take(echoed(1), TEXTS)) {
        out.say(text);
        out.data(text);
        out.show(text);
        out.say(({ color }) => (color ? `\u001b[31m${text}\u001b[0m` : text));
        reportError(out, new FaultlineError('KUBE_API', text, { hint: text }));
        for (const event of eventsWith(text)) progress.onEvent(event);
        for (const printed of [stdout, stderr]) {
          expectHarmless(withoutColor(printed.text), 'the console');
          printed.text = '';
        }
      }
    });
  }

  it('forges no line of an error: what others have said stands in one line, and other lines begin away from the margin', () => {
    const lines = (error: unknown): string[] => {
      const stderr = stream(false);
      reportError(openConsole('text', { stdout: stream(false), stderr }, {}), error);
      return stderr.text.trimEnd().split('\n');
    };
    const forged = 'no\nok: all is undone\r\n  faultline recover\u2028done';
    expect(lines(new FaultlineError('KUBE_API', forged, { hint: forged }))).to.deep.equal([
      'error KUBE_API: no\\nok: all is undone\\n  faultline recover\\u2028done',
      '  no',
      '  ok: all is undone',
      '  faultline recover\\u2028done',
    ]);
    const ours = lines(new FaultlineError('TOKEN', 'a.yaml:1:2: x\na.yaml:2:2: y'));
    expect(ours).to.deep.equal(['error TOKEN: a.yaml:1:2: x', '    a.yaml:2:2: y']);
    const [first, second, ...stack] = lines(new Error('no\nok: all is undone'));
    expect([first, second]).to.deep.equal(['error INTERNAL: Error: no', '    ok: all is undone']);
    expect(stack.at(-1)).to.contain('This is a bug in faultline');
    expect(stack.slice(0, -1).every((line) => line.startsWith('    at '))).to.equal(true);
  });

  it('is harmless in the block that is rewritten', () => {
    for (const text of take(echoed(4), TEXTS)) expectHarmless(shortScreenText(text, false), 'the block');
  });

  it('is harmless in JSON, and the same value', () => {
    const stdout = stream(false);
    const out = openConsole('json', { stdout, stderr: stream(false) }, {});
    for (const text of take(echoed(2), TEXTS)) {
      out.data(JSON.stringify({ text }, null, 2));
      expectHarmless(stdout.text, 'JSON');
      expect(JSON.parse(stdout.text)).to.deep.equal({ text });
      stdout.text = '';
    }
  });

  it('is harmless in every file of JSON, and the same value', () => {
    const texts = take(echoed(5), BATCH);
    const folder = runFolder(mkdtempSync(join(tmpdir(), 'faultline-hostile-')));
    const history = openHistory(folder.history, systemClock);
    const journal = createJournal(folder.journal, { state: 'opened', runId: 'r', clusters: [], plans: [], wall: '' });
    for (const text of texts) {
      history.append({ type: 'notice', level: 'info', text });
      journal.append({ state: 'opened', runId: text, clusters: [], plans: [], wall: '' });
      journal.append({ state: 'announced', runId: text, cluster: { name: text } as JournalCluster, wall: '' });
    }
    history.close();
    journal.close();
    let turn = 0;
    const result = poisonedRun((text) => `${texts[turn++ % BATCH]} ${text}`);
    writeFileSync(folder.result, serializeResult(result));
    writeFileSync(folder.requests, texts.map((text, at) => encodeText(at, text) + encodePath(at, text)).join(''));

    for (const file of [folder.history, folder.journal, folder.result, folder.requests])
      expectHarmless(readFileSync(file, 'utf8'), file);
    const told = readHistory(folder.history).map((event) => (event.type === 'notice' ? event.text : ''));
    expect(told).to.deep.equal(texts);
    const announced = readJournal(folder.journal).entries.flatMap((entry) =>
      entry.state === 'announced' ? [entry] : [],
    );
    expect(announced.map(({ runId, cluster }) => [runId, cluster.name])).to.deep.equal(
      texts.map((text) => [text, text]),
    );
    expect(JSON.parse(readFileSync(folder.result, 'utf8'))).to.deep.equal(structuredClone(result));
    rmSync(folder.path, { recursive: true });
  });

  it('is harmless in every shape of a report', () => {
    const texts = echoed(3);
    for (let done = 0; done < TEXTS; done += BATCH) {
      const batch = take(texts, BATCH);
      let turn = 0;
      const result: RunResult = poisonedRun((text) => `${batch[turn++ % BATCH]} ${text}`);
      expect(turn, 'every text of the batch is somewhere').to.be.at.least(BATCH);
      expectHarmless(renderTerminal(result, { color: false }), 'terminal');
      expectHarmless(withoutColor(renderTerminal(result, { color: true })), 'terminal in colour');
      expectHarmless(renderOneLine(result), 'one line');
      expectHarmless(renderMarkdown(result).replaceAll('@\u2060', '@'), 'Markdown');
      expectMarkup(renderHtml(result), 'html');
      expectMarkup(renderJunit(result), 'xml');
    }
  });
});

function expectMarkup(source: string, kind: 'html' | 'xml'): void {
  const { tags, texts, problems } = readMarkup(source, kind);
  expect(problems, kind).to.deep.equal([]);
  const attributes = tags.flatMap(({ attributes: all }) => [...all]);
  const bad = attributes.filter(
    ([name, value]) => /^on|^src|^style$/.test(name) || (name === 'href' && !LINK.test(value)),
  );
  expect(bad, kind).to.deep.equal([]);
  expectHarmless(source, `the source of ${kind}`);
  const shown = [...texts, ...attributes.map(([, value]) => value)].join('\n');
  // A page is for readers; of a JUnit file CI systems print what it says.
  expect(
    toldBy(shown).filter((what) => kind === 'xml' || !what.endsWith('command')),
    kind,
  ).to.deep.equal([]);
  expect(
    TRACES.filter((trace) => shown.includes(trace)),
    kind,
  ).to.deep.equal([]);
}
