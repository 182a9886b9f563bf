import { expect } from 'chai';
import type { RunResult } from '../model/result.ts';
import { causeOf, FACE_WORDS, faceOf, isSaid, reasonText, statusReasonOf, tellable } from './face.ts';
import { visibleText } from './testing/markup.ts';
import { renderHtml, renderJunit, renderMarkdown, renderOneLine, renderTerminal, worded } from './testing/render.ts';
import { FIXTURES } from './testing/results/index.ts';

const fixture = (name: string): RunResult => FIXTURES[name] ?? expect.fail(name);
const refused = fixture('refused');
const plain = (result: RunResult): string => renderTerminal(result, { color: false });
const page = (result: RunResult): string => visibleText(renderHtml(result)).replace(/\s+/g, ' ');

describe('report/face', () => {
  it('is the verdict of a run that tested something', () => {
    for (const name of ['pass', 'fail', 'inconclusive', 'interrupted']) {
      expect(faceOf(fixture(name)), name).to.equal(fixture(name).verdict);
    }
  });

  it('is that nothing was tested where a run ended before any fault, whatever its verdict', () => {
    for (const verdict of ['fail', 'inconclusive'] as const) {
      for (const status of ['refused', 'interrupted', 'aborted', 'failed'] as const) {
        expect(faceOf({ ...refused, status, verdict })).to.equal('untested');
      }
    }
    expect(faceOf(fixture('empty'))).to.equal('untested');
    expect(faceOf({ ...refused, status: 'completed', verdict: 'pass' })).to.equal('pass');
  });

  it('stays a fail where something was left behind', () => {
    const putBack = { ...refused.putBack, state: 'incomplete' } as const;
    expect(faceOf({ ...refused, putBack })).to.equal('fail');
  });

  it('is told in every shape, with what was not done and why', () => {
    for (const [name, render] of Object.entries({ page, plain, renderMarkdown, renderJunit })) {
      const text = render(refused);
      expect(text, name)
        .to.include('NOT TESTED')
        .and.to.match(/The run was refused before any fault: most often tls: self-signed certificate/);
    }
    expect(renderOneLine(refused))
      .to.include('verdict=not-tested status=refused exit=3')
      .and.to.include('refused before any fault: most often tls');
    expect(renderHtml(refused)).to.include('class="hero h-untested"');
    expect(renderHtml(refused)).to.include(`<title>${FACE_WORDS.untested.word}: `);
  });

  it('does not tell of a fault that never was', () => {
    const { told, idle } = tellable(worded(refused));
    expect(told.map(({ id }) => id)).to.deep.equal(['loadQuality/all', 'steadyState/all', 'putBack/all']);
    expect(told.length + idle.length).to.equal(refused.findings.length);
    for (const render of [page, plain, renderMarkdown, renderJunit, renderOneLine]) {
      expect(render(refused))
        .to.not.include('Point the load')
        .and.to.not.match(/could not be judged/);
    }
    expect(renderJunit(refused)).to.not.include('<failure');
    expect(renderJunit(refused)).to.include('<error type="not-tested"');
  });

  it('does not take the steady state after an undo that never was for one before a fault', () => {
    const [first] = refused.findings;
    const after = { ...(first ?? expect.fail('finding')), objective: 'steadyState', id: 'steadyState/after' } as const;
    expect(tellable(worded({ ...refused, findings: [after] })).idle.map(({ id }) => id)).to.deep.equal([after.id]);
  });
});

describe('report: nothing is said twice', () => {
  const finding = {
    ...(fixture('fail').findings[0] ?? expect.fail('finding')),
    title: 'A recovered too late',
    story: 'B.',
  };

  it('a cause that is the title or the story', () => {
    expect(causeOf({ ...finding, cause: 'Recovered too late.' })).to.equal(undefined);
    expect(causeOf({ ...finding, cause: 'b' })).to.equal(undefined);
    expect(causeOf({ ...finding, cause: 'status 503' })).to.equal('status 503');
    expect(isSaid('the share is below', 'So: the share, is below.')).to.equal(true);
  });

  it('why the run was refused', () => {
    expect(statusReasonOf(refused)).to.equal(undefined);
    expect(statusReasonOf({ ...refused, reason: 'Something else.' })).to.equal(refused.statusReason);
    for (const render of [page, plain, renderMarkdown]) {
      expect(render(refused).split('The run was refused before any fault: ')).to.have.length(2);
    }
    expect(reasonText(fixture('fail'))).to.equal(fixture('fail').reason);
  });
});
