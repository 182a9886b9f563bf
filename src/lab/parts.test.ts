import { mkdtemp, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FaultlineError } from '../model/errors.ts';
import { systemClock } from '../run/system-clock.ts';
import { buildLab } from './build/build.ts';
import { fakeMachine } from './build/testing/fake-machine.ts';
import { labParts, type PartsFile } from './parts.ts';
import { LAB_VERSIONS, type LabVersions, labVersions } from './versions.ts';

describe('lab/parts: what the start asks for', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-parts-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const trouble = (versions: LabVersions) =>
    labParts(versions, { XDG_CACHE_HOME: join(folder, 'cache') }).then(
      () => expect.fail('was found'),
      ({ code, message, hint }: FaultlineError) => ({ code, message, hint }),
    );
  const build = async (): Promise<string> => {
    const order = { versions: LAB_VERSIONS, jobs: undefined, clock: systemClock, say: () => {} };
    return buildLab({ ...order, signal: new AbortController().signal }, await fakeMachine(folder));
  };

  it('names the command where nothing is built, with the versions that were asked for', async () => {
    expect(await trouble(LAB_VERSIONS)).to.deep.equal({
      code: 'LAB',
      message: `the lab with Kubernetes ${LAB_VERSIONS.kubernetes} and Envoy ${LAB_VERSIONS.envoy} cannot start: this version of faultline has no build of it in ${join(folder, 'cache', 'faultline', 'lab')}`,
      hint: 'faultline lab build',
    });
    const other = await trouble(labVersions({ kubernetes: '1.35.4', envoy: '1.39.3' }));
    expect(other.hint).to.equal('faultline lab build --kubernetes 1.35.4 --envoy 1.39.3');
  });

  it('names the program or the image that is gone', async () => {
    await build();
    const { programs, images } = await labParts(LAB_VERSIONS, { XDG_CACHE_HOME: join(folder, 'cache') });
    await unlink(images[0]?.archive ?? '');
    expect((await trouble(LAB_VERSIONS)).message).to.contain(`: the image ${images[0]?.name} is missing`);
    await unlink(programs.kubelet);
    expect((await trouble(LAB_VERSIONS)).message).to.contain(': kubelet is missing');
  });

  it('refuses a list that lacks something or is torn', async () => {
    const file = await build();
    const { programs, ...rest } = JSON.parse(await readFile(file, 'utf8')) as PartsFile;
    const { etcd: _, ...others } = programs;
    await writeFile(file, JSON.stringify({ ...rest, programs: others }));
    expect((await trouble(LAB_VERSIONS)).message).to.contain(': etcd is missing');
    await truncate(file, 5);
    expect((await trouble(LAB_VERSIONS)).hint).to.equal('faultline lab build');
  });
});
