import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';
import { checkScenarioFile } from './app/files/load-files.ts';
import { program } from './cli/program.ts';
import { ERROR_CODES } from './model/errors.ts';
import { parseTargets } from './scenario/index.ts';

const PAGES = ['README.md', ...readdirSync('docs').map((name) => join('docs', name))].filter((name) =>
  name.endsWith('.md'),
);
const MAIN = resolve('src/cli/main.ts');

/** Text without what stands in fences. */
const prose = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '');

/** Anchors of headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const titles = [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title);
  return titles.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function deadLinks(page: string, text: string): string[] {
  const links = [...prose(text).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    if (!existsSync(file)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
  });
}

type Block = { readonly lines: readonly string[]; readonly said: string };

/** Blocks of commands, with the comment above them or, without one, the one at the head of the page. */
function blocksOf(text: string): Block[] {
  const [, ofPage = ''] = /^<!-- commands (not run: .+) -->$/m.exec(text) ?? [];
  return [...text.matchAll(/(?:^<!-- (.+) -->\n)?^```sh\n([\s\S]*?)^```/gm)].map(([, own, body = '']) => ({
    lines: body
      .split('\n')
      .map((line) => line.replace(/\s+# .*/, ''))
      .filter((line) => line !== ''),
    said: own ?? ofPage,
  }));
}

const isAccountedFor = ({ said }: Block): boolean => /^(?:run: (?:offline|package)|not run: .{10,})$/.test(said);

/** Why the command line knows nothing of a line, or undefined. */
function unknown(line: string): string | undefined {
  const [, rest] = /^(?:npx (?:--no )?)?faultline ((?!--help).*)$/.exec(line) ?? [];
  if (rest === undefined) return undefined;
  const words = rest.split(/\s+/);
  let command = program();
  for (const word of words) command = command.commands.find((one) => one.name() === word) ?? command;
  if (command.name() === 'faultline') return `${line}: no such command`;
  const known = command.options.flatMap(({ long, short }) => [long, short]);
  const strange = words
    .filter((word) => /^--?[a-z]/.test(word))
    .find((word) => !known.includes(word.replace(/=.*/s, '')));
  return strange === undefined ? undefined : `${line}: no option ${strange}`;
}

describe('the pages for users', () => {
  for (const page of PAGES) {
    const text = readFileSync(page, 'utf8');
    it(`${page}: leads only to what is there, and names only commands and options that are there`, () => {
      expect(deadLinks(page, text)).to.deep.equal([]);
      const lines = blocksOf(text).flatMap((block) => block.lines);
      expect(lines.map(unknown).filter((one) => one !== undefined)).to.deep.equal([]);
    });
    it(`${page}: every block of commands is run by a test, or says why not`, () => {
      expect(blocksOf(text).filter((block) => !isAccountedFor(block))).to.deep.equal([]);
    });
  }

  it('would be found out', () => {
    expect(deadLinks('docs/x.md', '[a](nothing.md) [b](verdict.md#1-requests) [c](verdict.md#nothing)')).to.deep.equal([
      'nothing.md',
      'verdict.md#nothing',
    ]);
    expect(unknown('npx faultline runn x.yaml')).to.contain('no such command');
    expect(unknown('npx --no faultline run x.yaml --sett a=b')).to.contain('no option --sett');
    expect(unknown('faultline sandbox up --apply x')).to.equal(undefined);
    expect(blocksOf('<!-- run: offline -->\n```sh\na # b\n```\n\n```sh\nc\n```\n').map(isAccountedFor)).to.deep.equal([
      true,
      false,
    ]);
  });

  it('are all in the index, which leads to each of them', () => {
    const index = readFileSync('docs/README.md', 'utf8');
    const left = PAGES.filter((page) => page !== 'README.md' && page !== join('docs', 'README.md'));
    expect(left.filter((page) => !index.includes(`(${page.slice('docs/'.length)}`))).to.deep.equal([]);
  });

  it('say what to do about every code of an error', () => {
    const text = readFileSync('docs/troubleshooting.md', 'utf8');
    expect(Object.keys(ERROR_CODES).filter((code) => !text.includes(`\`${code}\``))).to.deep.equal([]);
  });

  it('show whole files that are valid', () => {
    const blocks = PAGES.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/^```yaml\n(apiVersion: faultline[\s\S]*?)^```/gm)].map(
        ([, text = '']) => ({ page, text }),
      ),
    );
    expect(blocks.length).to.be.above(0);
    for (const { page, text } of blocks) {
      const parsed = /^kind: Targets$/m.test(text) ? parseTargets(text, page) : checkScenarioFile(text, page);
      expect(parsed.ok ? [] : parsed.diagnostics, page).to.deep.equal([]);
    }
  });

  it('show the one spec that the package is compiled with', () => {
    const [specs, first] = [
      PAGES.flatMap((page) => [...readFileSync(page, 'utf8').matchAll(/^```ts\n(import \{ expect[\s\S]*?)^```/gm)]),
      /^```ts\n(import \{ expect[\s\S]*?)^```/m.exec(readFileSync('README.md', 'utf8'))?.[1],
    ];
    expect(specs.map(([, text]) => text)).to.deep.equal(specs.map(() => first));
    expect(specs.length).to.be.above(1);
  });

  it('begin with the same way, which the package is tested by', () => {
    const [first] = PAGES.map((page) =>
      blocksOf(readFileSync(page, 'utf8')).find(({ said }) => said === 'run: package'),
    );
    for (const page of PAGES) {
      const others = blocksOf(readFileSync(page, 'utf8')).filter(({ said }) => said === 'run: package');
      for (const { lines } of others) expect(first?.lines, page).to.include.members([...lines]);
    }
    expect(first?.lines.at(-1)).to.equal('npx --no faultline run drill.yaml');
  });
});

describe('commands of the pages that need nothing', function () {
  this.timeout(60_000);
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-docs-'));
    const start = `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${MAIN}' "$@"\n`;
    writeFileSync(join(dir, 'faultline'), start);
    chmodSync(join(dir, 'faultline'), 0o755);
  });
  after(() => rmSync(dir, { recursive: true }));

  for (const page of PAGES) {
    const blocks = blocksOf(readFileSync(page, 'utf8')).filter(({ said }) => said === 'run: offline');
    for (const { lines } of blocks) {
      it(`${page}: ${lines[0]}`, () => {
        const cwd = mkdtempSync(join(dir, 'page-'));
        const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
        const { status, stderr } = spawnSync('sh', ['-e', '-c', lines.join('\n')], { cwd, env, encoding: 'utf8' });
        expect(status, stderr).to.equal(0);
      });
    }
  }
});
