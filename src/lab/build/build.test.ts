import { mkdtemp, readdir, readFile, rm, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import type { FaultlineError } from '../../model/errors.ts';
import { systemClock } from '../../run/system-clock.ts';
import { IMAGES, labParts, PROGRAMS, partsFile, readParts } from '../parts.ts';
import { LAB_VERSIONS, type LabVersions, labVersions, type VersionOverrides } from '../versions.ts';
import { buildLab } from './build.ts';
import { labCache } from './cache.ts';
import { pruneBuilds } from './prune.ts';
import { type FakeMachine, fakeMachine, GOOD_PROBES } from './testing/fake-machine.ts';

describe('lab/build: a whole build', () => {
  let folder = '';
  let machine: FakeMachine;
  let said: string[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-lab-'));
    machine = await fakeMachine(folder);
    said = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const build = (on: FakeMachine = machine, overrides: VersionOverrides = {}) => {
    const order = { versions: labVersions(overrides), jobs: undefined, signal: new AbortController().signal };
    return buildLab({ ...order, clock: systemClock, say: (line) => said.push(line) }, on);
  };
  const refusal = (promise: Promise<unknown>): Promise<FaultlineError> =>
    promise.then(
      () => expect.fail('was not refused'),
      (error: FaultlineError) => error,
    );
  const unfinished = async () => (await readdir(labCache(machine.env))).filter((name) => name.includes('unfinished'));

  it('leaves every program and image where the start looks for them', async () => {
    await build();
    const parts = await labParts(LAB_VERSIONS, machine.env);
    expect(Object.keys(parts.programs)).to.have.members([...PROGRAMS]);
    for (const [name, path] of Object.entries(parts.programs)) {
      expect(path.endsWith(`/${name}`), path).to.equal(true);
      expect(await readFile(path, 'utf8')).to.equal('whole');
    }
    expect(parts.images.map(({ name }) => name)).to.have.members(Object.values(IMAGES));
    for (const { archive } of parts.images) expect((await readFile(archive)).length).to.be.above(1024);
  });

  it('does nothing a second time, and says so', async () => {
    await build();
    const before = machine.commands.length;
    said = [];
    await build();
    expect(machine.commands).to.have.lengthOf(before);
    expect(said[0]).to.equal('[ 1/17] Envoy 1.38.3: built already');
    expect(said.every((line) => line.endsWith(': built already'))).to.equal(true);
  });

  it('goes on after a kill in the middle of a step: what was finished stays, what was torn is made anew', async () => {
    await build();
    const all = [...machine.steps];
    for (const last of [all.lastIndexOf('kubernetes'), all.lastIndexOf('istio')]) {
      await rm(labCache(machine.env), { recursive: true });
      machine = await fakeMachine(folder);
      machine.killAt = last + 1;
      expect((await refusal(build())).message).to.equal('the build was stopped');
      machine.killAt = undefined;
      machine.steps.length = 0;
      await build();
      // The step that was cut off at its end is begun again from its start, and none before it.
      expect(machine.steps).to.deep.equal(all.slice(all.indexOf(all[last] ?? '')));
      expect(await unfinished()).to.deep.equal([]);
      for (const path of Object.values((await labParts(LAB_VERSIONS, machine.env)).programs)) {
        expect(await readFile(path, 'utf8'), path).to.equal('whole');
      }
    }
  });

  it('loses what no build that is kept is made of, and no more', async () => {
    await build();
    await build(machine, { kubernetes: '1.35.4' });
    const cache = labCache(machine.env);
    const keep = async (versions: LabVersions) => {
      const file = basename(await partsFile(versions, machine.env));
      return new Map([[file, await readParts(versions, machine.env)]]);
    };
    const { names, bytes } = await pruneBuilds(cache, await keep(LAB_VERSIONS));
    expect(names.map((name) => name.replace(/-[0-9a-f]{16}/, ''))).to.have.members([
      'kubernetes',
      'kubernetes-pins',
      'parts.json',
    ]);
    expect(bytes).to.be.above(0);
    await labParts(LAB_VERSIONS, machine.env);
    const before = machine.commands.length;
    await build();
    expect(machine.commands).to.have.lengthOf(before);
    expect((await refusal(labParts(labVersions({ kubernetes: '1.35.4' }), machine.env))).code).to.equal('LAB');
  });

  it('makes anew what somebody has damaged', async () => {
    await build();
    const { programs } = await labParts(LAB_VERSIONS, machine.env);
    await truncate(programs.kubelet, 2);
    await unlink(programs.etcd);
    const before = machine.commands.length;
    await build();
    expect(machine.commands).to.have.lengthOf(before + 7);
    expect(await readFile(programs.kubelet, 'utf8')).to.equal('whole');
  });

  it('builds only Kubernetes again for another version, from pins it looks up', async () => {
    await build();
    const before = machine.commands.length;
    await build(machine, { kubernetes: '1.35.4' });
    const [download, edit, tidy, ...builds] = machine.commands.slice(before);
    expect(download?.args).to.deep.equal(['mod', 'download', '-json', 'k8s.io/kubernetes@v1.35.4']);
    expect(edit?.args).to.deep.equal(['mod', 'edit', '-json', 'upstream.mod']);
    expect(tidy?.args).to.deep.equal(['mod', 'tidy']);
    expect(builds).to.have.lengthOf(6);
    const goMod = await readFile(join(builds[0]?.cwd ?? '', 'go.mod'), 'utf8');
    expect(goMod).to.contain('require k8s.io/kubernetes v1.35.4\n');
    expect(goMod).to.contain('\tk8s.io/api => k8s.io/api v0.35.4\n');
    const { programs } = await labParts(labVersions({ kubernetes: '1.35.4' }), machine.env);
    const pinned = await labParts(LAB_VERSIONS, machine.env);
    expect(programs.kubelet).to.not.equal(pinned.programs.kubelet);
    expect(programs.etcd).to.equal(pinned.programs.etcd);
  });

  it('says what the machine lacks, all at once, and begins nothing', async () => {
    const poor = { ...GOOD_PROBES, go: 'go1.25.1', busybox: 'dynamic' as const, free: 1024 ** 3 };
    const error = await refusal(build({ ...machine, probe: async () => poor }));
    expect(error.message).to.equal(
      'this machine lacks what building the lab needs\n  Go: go1.25.1\n  busybox: dynamic',
    );
    expect(error.hint).to.contain('https://go.dev/dl').and.to.contain('apt-get install busybox-static');
    expect(said).to.deep.equal(['disk: 1 GiB free. A first build takes 20 GiB.']);
    expect(machine.commands).to.deep.equal([]);
  });
});
