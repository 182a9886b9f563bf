import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { createJournal } from '../../store/journal-file.ts';
import { createRunFolder } from '../../store/run-folder.ts';
import { recover } from './index.ts';
import { NOTHING, type Recovered, unlessHeld } from './recovered.ts';

describe('recover', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-recover-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  const asked = async (request: Partial<Parameters<typeof recover>[0]>): Promise<Recovered | FaultlineError> => {
    const ports = { signal: new AbortController().signal, say: () => {} };
    return recover({ runId: undefined, out: undefined, target: undefined, ...request }, ports).catch((error) => error);
  };
  const nowhere = () => join(out, 'nowhere.yaml');

  it('tells what became of the folders, whatever is wrong with the target', async () => {
    const { path, journal } = createRunFolder(out, '20261122t090000z-torn');
    writeFileSync(journal, '{"state":"applied"}\n{"state":"applied"}\n');
    const { problems } = (await asked({ out, target: nowhere() })) as Recovered;
    expect(problems.map((text) => text.split(':')[0])).to.deep.equal([path, `target ${nowhere()}`]);
    expect(problems[1]).to.contain('nowhere.yaml does not exist (--target takes sandbox, lab, or a targets file');
  });

  it('finds the runs of a matrix, which have folders of their own below', async () => {
    const place = join(out, 'matrix-20261122t090000z-many', 'multi-region-zone');
    const { path, journal } = createRunFolder(place, '20261122t090001z-torn');
    writeFileSync(journal, '');
    const { problems } = (await asked({ out })) as Recovered;
    expect(problems.map((text) => text.split(':')[0])).to.deep.equal([path]);
    expect(((await asked({ out, runId: '20261122t090001z-torn' })) as Recovered).problems).to.deep.equal(problems);
  });

  it('knows a run by its journal: one that was renamed, one in the folder of another, and the folder that is named itself', async () => {
    const [outer, inner] = ['20261122t090000z-outer', '20261122t090001z-inner'];
    const first = createRunFolder(out, outer);
    const second = createRunFolder(first.path, `${inner} (1)`);
    for (const [folder, runId] of [
      [first, outer],
      [second, inner],
    ] as const) {
      createJournal(folder.journal, { state: 'opened', runId, clusters: [], plans: [], wall: '' }).close();
      appendFileSync(folder.journal, 'x\n');
    }
    const folders = async (request: Parameters<typeof asked>[0]) =>
      ((await asked(request)) as Recovered).problems.map((text) => text.split(':')[0]);
    expect((await folders({ out })).sort()).to.deep.equal([first.path, second.path].sort());
    expect(await folders({ out: second.path })).to.deep.equal([second.path]);
    expect(await folders({ out, runId: inner })).to.deep.equal([second.path]);
    renameSync(first.path, join(out, inner));
    expect(await folders({ out, runId: outer }), 'whatever the name says').to.deep.equal([join(out, inner)]);
  });

  it('takes a journal that cannot be read for that of its name, and where this tells none, for any', async () => {
    const names = ['20261122t090000z-torn (1)', '20261122t090001z-torn', 'kept'];
    for (const name of names) writeFileSync(createRunFolder(out, name).journal, '');
    const { problems } = (await asked({ out, runId: '20261122t090000z-torn' })) as Recovered;
    expect(problems.map((text) => text.split(':')[0])).to.deep.equal([join(out, names[0] ?? ''), join(out, 'kept')]);
  });

  it('says that nobody could be asked', async () => {
    expect(await asked({ out, target: nowhere() })).to.include({ code: 'FILE_UNREADABLE' });
    expect(await asked({ target: nowhere() })).to.include({ code: 'FILE_UNREADABLE' });
    expect(await asked({ out })).to.include({ code: 'USAGE' });
    createRunFolder(out, '20261122t090000z-some');
    expect(await asked({ out, runId: 'another' })).to.include({ code: 'USAGE' });
  });

  it('takes a run that has not begun for none, as one that a full disk has refused', async () => {
    const { journal } = createRunFolder(out, '20261122t090000z-full');
    writeFileSync(`${journal}.tmp`, '');
    expect(await asked({ out }))
      .to.have.property('message')
      .that.contains(`there is no run in ${out}`);
  });

  it('takes a folder into which nobody can look for an open question, and reads all others', async () => {
    const [loop, unread, torn] = ['loop', 'some', 'torn'].map((end, at) => `20261122t09000${at}z-${end}`);
    symlinkSync(`${loop}`, join(out, `${loop}`));
    const { history } = createRunFolder(out, `${unread}`);
    symlinkSync('history.ndjson', history);
    writeFileSync(createRunFolder(out, `${torn}`).journal, '');
    const { problems } = (await asked({ out })) as Recovered;
    expect(problems.slice(0, 3).map((text) => text.split(':')[0])).to.deep.equal(
      [loop, unread, torn].map((name) => join(out, `${name}`)),
    );
    expect(problems[0]).to.contain('it cannot be read (ELOOP');
  });

  it('refuses, folders and all, a target that would be started anew', async () => {
    createRunFolder(out, '20261122t090000z-some');
    const refused = await asked({ out, target: 'sandbox' });
    expect(refused).to.be.instanceOf(FaultlineError).and.include({ code: 'USAGE' });
    expect(refused).to.have.property('hint').that.contains('`faultline sandbox up`');
  });

  it('ends no load where a run that lives holds one of the clusters', async () => {
    const load = { ...NOTHING, load: ['pods'] };
    const held = { ...NOTHING, held: ['run-1 holds it'] };
    expect(await unlessHeld([NOTHING, held], async () => [load])).to.deep.equal([NOTHING, held]);
    expect(await unlessHeld([NOTHING], async () => [load])).to.deep.equal([NOTHING, load]);
  });
});
