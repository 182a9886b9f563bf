import { expect } from 'chai';
import fc from 'fast-check';
import { visible } from '../model/visible.ts';
import {
  escapeHtml,
  escapeMarkdown,
  escapeXml,
  markdownCode,
  oneLine,
  plainPunctuation,
  terminalText,
} from './escape.ts';
import { PAYLOADS } from './testing/results/hostile.ts';

const anyText = fc.string({ unit: 'binary' });
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\ufffe\uffff]/;

describe('report/escape', () => {
  it('makes what cannot be seen visible, and keeps newlines and letters', () => {
    expect(visible('a\u001b[2Jb\u0000c\u2028d\u202ee\ud800f\r\ng\tø漢')).to.equal(
      'a\\x1b[2Jb\\x00c\\u2028d\\u202ee\ufffdf\ng\tø漢',
    );
  });

  it('leaves no control character in any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(visible(text)).to.not.match(CONTROL);
        expect(visible(text).isWellFormed()).to.equal(true);
      }),
    );
  });

  it('cuts long text and says so', () => {
    expect(oneLine('x'.repeat(500), 10)).to.equal('xxxxxxxxxx… (500 characters)');
    expect(oneLine('remote connection failure, transport failure reason: refused', 40)).to.equal(
      'remote connection failure, transport… (60 characters)',
    );
    expect(oneLine(' a\n\n b\t')).to.equal('a b');
  });

  it('leaves nothing in HTML and XML that could open a tag, an attribute or an entity', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.constantFrom(...PAYLOADS)), (text) => {
        expect(escapeHtml(text)).to.not.match(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;|#58;|#35;)/);
        expect(escapeXml(text)).to.not.match(/[<>"'\n\t]|&(?!amp;|lt;|gt;|quot;|#39;|#10;|#9;)/);
      }),
    );
  });

  it('escapes what Markdown would read as markup', () => {
    expect(escapeMarkdown('a|b `c` **d** [e](f) <g> #1 @h x@y')).to.equal(
      'a\\|b \\`c\\` \\*\\*d\\*\\* \\[e\\](f) &lt;g> \\#1 @\u2060h x@y',
    );
    expect(escapeMarkdown('http://a www.b')).to.equal('http\\://a www\\.b');
    expect(escapeMarkdown('- a')).to.equal('\\- a');
    expect(escapeMarkdown('1. a')).to.equal('1\\. a');
  });

  it('puts any text into a code span of one table cell', () => {
    expect(markdownCode('a`b``c|d')).to.equal('``` a`b``c\\|d ```');
    expect(markdownCode('')).to.equal('(empty)');
    fc.assert(
      fc.property(anyText, (text) => {
        expect(markdownCode(text)).to.not.match(/\n|(?<!\\)\|/);
      }),
    );
  });

  it('lets no workflow command through to a log', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', ' ', 'x', '\n', '\t', 'fd00'),
        fc.constantFrom('::', '##[', '::::', '##[['),
        (before, command) => {
          const text = terminalText(`${before}${command}error::y`);
          expect(text).to.not.match(/(^|\s)::/);
          expect(text).to.not.include('##[');
        },
      ),
    );
    expect(terminalText('fd00::1')).to.equal('fd00::1');
  });

  it('has an ASCII form of our own signs', () => {
    expect(plainPunctuation('≤ 5 s → 1–2 …')).to.equal('<= 5 s -> 1-2 ...');
  });
});
