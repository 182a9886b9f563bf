import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { acceptCommand, namingTarget, recoverCommand, recoverOf, SCAN_COMMAND } from './recover-command.ts';

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..');

describe('the command that recovers', () => {
  it('says where to look as the command before it was told, and nothing that is so anyway', () => {
    expect(recoverCommand({ out: 'reports', target: undefined }, 'r-1')).to.equal('faultline recover --run r-1');
    expect(recoverCommand({ out: 'runs', target: 'lab' })).to.equal('faultline recover --out runs --target lab');
    expect(recoverCommand({ out: undefined, target: 'a.yaml' }, 'r-1')).to.equal(
      'faultline recover --run r-1 --scan --target a.yaml',
    );
    expect(recoverCommand({ out: undefined, target: undefined })).to.equal(SCAN_COMMAND);
  });

  it('is quoted for a shell, whatever folders and files are called', () => {
    const recover = recoverCommand({ out: "Ann's runs", target: '$HOME/a b.yaml' }, 'r-1');
    expect(recover).to.equal(`faultline recover --run r-1 --out 'Ann'\\''s runs' --target '$HOME/a b.yaml'`);
    const object = { kind: 'Service', namespace: 'a b', name: 'pay' };
    expect(acceptCommand(recover, [object])).to.equal(`${recover} --accept-current --only 'a b/service/pay'`);
    expect(acceptCommand(recover, [{ kind: 'Node', namespace: '', name: 'n' }])).to.match(/--only node\/n$/);
  });

  it('names the target where it is known by now', () => {
    const hint = `Ask them: ${SCAN_COMMAND}`;
    expect(namingTarget(hint, undefined)).to.equal(hint);
    expect(namingTarget(hint, '$& x')).to.equal("Ask them: faultline recover --scan --target '$& x'");
  });

  it('of a recorded run is that of the run itself, and the short one of a recording that has none', () => {
    expect(recoverOf({ runId: 'r-1', recover: 'faultline recover --out x' })).to.equal('faultline recover --out x');
    expect(recoverOf({ runId: 'r-1' })).to.equal('faultline recover --run r-1');
  });

  it('is written nowhere else, since each place would forget where to look by itself', () => {
    const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /(?<!\.test)\.ts$/.test(file) && !/testing|recover-command\.ts$/.test(file),
    );
    expect(files.length).to.be.above(1_000);
    const texts = files.filter((file) => /recover --run|<targets file>/.test(readFileSync(join(SRC, file), 'utf8')));
    expect(texts).to.deep.equal([]);
  });
});
