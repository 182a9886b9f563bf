import { expect } from 'chai';
import { undoneLines } from '../cli/recover-text.ts';
import { screenText } from '../cli/screen.ts';
import { patchText } from '../model/kubectl.ts';
import { unseenRef } from '../model/leftover.ts';
import type { RunResult } from '../model/result.ts';
import { shellCommand } from '../model/shell.ts';
import { renderHtml, renderJunit, renderMarkdown, renderTerminal } from './index.ts';
import { waysOn } from './left.ts';
import { hostileTexts } from './testing/hostile-texts.ts';
import { readMarkup, resolved } from './testing/markup.ts';
import { interrupted } from './testing/results/others.ts';

const RECOVER = `faultline recover --run r --out '/srv/the runs  of a very long – name/${'long/'.repeat(20)}'`;
const [LEFTOVER] = interrupted.putBack.leftovers;

/** A run whose undo has met somebody else's change. */
function changed(): RunResult {
  const { putBack, run } = interrupted;
  const objects = putBack.objects.map((object) => ({ ...object, state: 'conflict' as const }));
  const ref = 'default/deployment/mockb-ap-northeast-1a';
  const leftovers = [{ cluster: 'tokyo', command: `kubectl ${'x'.repeat(600)}`, ref }, ...putBack.leftovers];
  return { ...interrupted, run: { ...run, recover: RECOVER }, putBack: { ...putBack, objects, leftovers } };
}

/** What each page shows of the commands: its text, as a reader copies it. */
const SHAPES = {
  html: (result: RunResult) => readMarkup(renderHtml(result, []), 'html').texts.map(resolved),
  junit: (result: RunResult) => readMarkup(renderJunit({ ...result, findings: [] }, []), 'xml').texts.map(resolved),
  markdown: (result: RunResult) => [renderMarkdown(result, [])],
  terminal: (result: RunResult) => [renderTerminal(result, [], { color: false })],
  'terminal with colour': (result: RunResult) => [renderTerminal(result, [], { color: true })],
  recover: ({ putBack, run }: RunResult) => {
    const commands = waysOn({ putBack, run }).map(({ command }) => command);
    const outcome = { state: 'failed', detail: '', objects: [], commands } as const;
    return undoneLines({ cluster: 'tokyo', runId: 'r', fault: 'f', outcome });
  },
};

describe('what people can do about what is left', () => {
  it('is one recovery, with where the run was told to work, or each command by hand', () => {
    const result = { ...interrupted, run: { ...interrupted.run, recover: RECOVER } };
    expect(waysOn(result).map(({ command }) => command)).to.deep.equal([RECOVER, LEFTOVER?.command]);
  });

  it('begins, where somebody has changed an object, with what overwrites nothing', () => {
    const ways = waysOn(changed());
    expect(ways.map(({ command }) => command.replace(/x{9,}/, ''))).to.deep.equal([
      `${RECOVER} --accept-current --only default/deployment/mockb-ap-northeast-1a`,
      'kubectl ',
      LEFTOVER?.command,
      RECOVER,
    ]);
    expect(ways[0]?.what).to.contain('as somebody has changed it');
    expect(ways[1]?.what).to.contain('over what somebody has changed');
  });

  it('is to see who holds what is deleted already', () => {
    const { putBack } = interrupted;
    const left = { cluster: 'tokyo', ref: 'shop/job/x', command: 'kubectl get x', held: 'is held by y' };
    const result = { ...interrupted, putBack: { ...putBack, objects: [], leftovers: [left] } };
    expect(waysOn(result)[1]).to.deep.equal({
      what: 'to see who holds shop/job/x (tokyo), which is held by y',
      command: 'kubectl get x',
    });
  });

  it('is to look again where nobody could look, which is no object and nothing to take away by hand', () => {
    const { putBack, run } = interrupted;
    const leftovers = [{ cluster: 'tokyo', ref: unseenRef('403 no'), command: RECOVER }];
    const result = {
      ...interrupted,
      run: { ...run, recover: RECOVER },
      putBack: { ...putBack, objects: [], leftovers },
    };
    expect(waysOn(result)[1]?.what).to.equal('to look again for what is left in tokyo (403 no)');
    const page = renderHtml(result, []);
    expect(page).to.contain('<p class="warn"><b>Nobody could look for what is left</b> in tokyo (403 no).</p>');
    expect(page).to.not.contain('Something of ours is left');
    for (const render of [renderHtml, renderMarkdown]) {
      expect(render(result, [])).to.contain('NOT PUT BACK, state unknown').and.to.not.contain('of could not look');
    }
    const both = { ...result, putBack: { ...result.putBack, leftovers: [...leftovers, ...putBack.leftovers] } };
    expect(renderHtml(both, []))
      .to.contain('NOT PUT BACK, 1 left')
      .and.to.match(/<b>Something of ours is left:<\/b> [^<]+\. <b>Nobody could look for what is left<\/b> in tokyo/);
  });

  for (const [shape, textsOf] of Object.entries(SHAPES)) {
    it(`is shown as it is, to be pasted, whatever its words hold: ${shape}`, () => {
      const texts = hostileTexts(11);
      const values = Array.from({ length: 40 }, () => `${texts.next().value}  a | b \\| \` → ≤`);
      const commands = [...values, 'long '.repeat(1_000)].flatMap((value) => [
        `kubectl ${patchText('deployment/a', JSON.stringify([{ op: 'add', path: '/a', value }]))}`,
        shellCommand(['cd', value, './off.sh', '##[x]  y\n']),
      ]);
      const leftovers = commands.map((command) => ({ cluster: 'tokyo', ref: 'default/a/b', command }));
      const { run, putBack } = interrupted;
      const recover = shellCommand(['faultline', 'recover', '--out', values[0] ?? '']);
      const result = { ...interrupted, run: { ...run, recover, command: recover }, putBack: { ...putBack, leftovers } };
      const shown = textsOf(result).map((text) => screenText(text, shape === 'terminal with colour'));
      for (const command of [recover, ...commands]) {
        expect(
          shown.some((text) => text.includes(command)),
          command,
        ).to.equal(true);
      }
      // The one that repeats the run, above the scenario.
      if (shape === 'html') expect(shown.filter((text) => text === recover)).to.have.length(2);
    });
  }

  it('stands in every report, and on a terminal each command whole in a line, to be pasted', () => {
    const result = changed();
    const lines = renderTerminal(result, [], { color: false, width: 60 }).split('\n');
    for (const { command } of waysOn(result)) expect(lines).to.include(`            ${command}`);
    const byHand = `kubectl ${'x'.repeat(600)}`;
    for (const render of [renderHtml, renderMarkdown]) {
      expect(render(result, [])).to.contain(byHand).and.to.contain('--accept-current --only');
    }
    const untold = { ...result, findings: [] };
    expect(renderJunit(untold, [])).to.contain(byHand).and.to.contain('--accept-current --only');
  });
});
