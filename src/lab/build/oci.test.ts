import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { entriesOf, type ImageFile } from './image.ts';
import { ociArchive } from './oci.ts';
import { sha256, type TarEntry, tar, writeSegments } from './tar.ts';

type Descriptor = { mediaType: string; digest: string; size: number; annotations?: Record<string, string> };

describe('lab/build: OCI archives', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-oci-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Unpacks with the machine's own tar, which knows nothing of ours. */
  function unpack(archive: string, name: string): string {
    const into = join(folder, name);
    execFileSync('mkdir', [into]);
    execFileSync('tar', ['--no-same-owner', '-xpf', archive, '-C', into]);
    return into;
  }

  const config = { reference: 'lab.local/x:1', entrypoint: ['/x', '-v'], user: '7:7', env: { A: 'b' } };
  const files = (): ImageFile[] => {
    writeFileSync(join(folder, 'program'), Buffer.alloc(1_500_000, 'x'));
    return [
      { path: '/usr/bin/x', from: join(folder, 'program') },
      { path: '/usr/bin/y', to: 'x' },
      { path: '/etc/passwd', text: 'x:7\n', mode: 0o640 },
      { path: '/tmp', folder: true, mode: 0o1777, owner: 7 },
    ];
  };

  it('hold blobs whose digests and sizes are what index, manifest and config say', async () => {
    await writeSegments(join(folder, 'a.tar'), await ociArchive(config, await entriesOf(files())));
    const root = unpack(join(folder, 'a.tar'), 'layout');
    const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
    const blob = ({ digest, size }: Descriptor) => {
      const path = join('blobs', digest.replace(':', '/'));
      const bytes = readFileSync(join(root, path));
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).to.equal(digest);
      expect(bytes.length).to.equal(size);
      return path;
    };
    expect(read('oci-layout')).to.deep.equal({ imageLayoutVersion: '1.0.0' });
    const [found] = read('index.json').manifests as [Descriptor];
    expect(found.annotations).to.deep.equal({ 'io.containerd.image.name': 'lab.local/x:1' });
    const manifest = read(blob(found)) as { config: Descriptor; layers: [Descriptor] };
    const image = read(blob(manifest.config));
    const layer = blob(manifest.layers[0]);
    expect(image.rootfs.diff_ids).to.deep.equal([manifest.layers[0].digest]);
    expect(image).to.include({ os: 'linux' });
    expect(image.config.Entrypoint).to.deep.equal(['/x', '-v']);
    expect(image.config.User).to.equal('7:7');
    expect(image.config.Env).to.include('A=b');
    expect(readdirSync(join(root, 'blobs/sha256'))).to.have.lengthOf(3);
    const inside = unpack(join(root, layer), 'layer');
    expect(readFileSync(join(inside, 'usr/bin/x')).length).to.equal(1_500_000);
    expect(readlinkSync(join(inside, 'usr/bin/y'))).to.equal('x');
    expect(readFileSync(join(inside, 'etc/passwd'), 'utf8')).to.equal('x:7\n');
    expect(lstatSync(join(inside, 'etc/passwd')).mode & 0o7777).to.equal(0o640);
    expect(lstatSync(join(inside, 'tmp')).mode & 0o7777).to.equal(0o1777);
    expect(lstatSync(join(inside, 'usr/bin/x')).mode & 0o7777).to.equal(0o755);
  });

  it('are the same bytes for the same files, in whatever order and whenever these were made', async () => {
    const digest = async (list: ImageFile[]) => sha256(await ociArchive(config, await entriesOf(list)));
    const first = await digest(files());
    expect(await digest(files().reverse())).to.equal(first);
    const [program, ...rest] = files();
    expect(await digest(rest)).to.not.equal(first);
    expect(await digest([{ ...(program as ImageFile), mode: 0o700 }, ...rest])).to.not.equal(first);
  });

  it('name every folder before what lies in it', async () => {
    const paths = (await entriesOf(files())).map(({ path }) => path);
    expect(paths).to.deep.equal(['etc', 'etc/passwd', 'tmp', 'usr', 'usr/bin', 'usr/bin/x', 'usr/bin/y']);
  });

  it('refuse a name that tar has no room for, and a file that grows meanwhile', async () => {
    const long: TarEntry = { path: 'x'.repeat(101), kind: 'folder', mode: 0o755, owner: 0 };
    expect(() => tar([long])).to.throw("longer than tar's 100 bytes");
    const [entry] = await entriesOf([{ path: '/x', from: join(folder, 'program') }].filter(() => files().length > 0));
    writeFileSync(join(folder, 'program'), 'short');
    const failure = await sha256(tar([entry as TarEntry])).catch((error: Error) => error.message);
    expect(failure).to.contain('had 1500000 bytes and has 5 now');
  });

  it('property: any files come out of tar as they went in', async () => {
    let turn = 0;
    const body = fc.uint8Array({ maxLength: 1500 });
    await fc.assert(
      fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 8 }), async (bodies) => {
        turn += 1;
        const list = bodies.map((bytes, index): TarEntry => {
          return { path: `f${index}`, kind: 'file', mode: 0o600, owner: 0, body: [Buffer.from(bytes)] };
        });
        await writeSegments(join(folder, `${turn}.tar`), tar(list));
        const out = unpack(join(folder, `${turn}.tar`), `out${turn}`);
        for (const [index, bytes] of bodies.entries()) {
          expect(readFileSync(join(out, `f${index}`))).to.deep.equal(Buffer.from(bytes));
        }
      }),
      { numRuns: 15 },
    );
  });
});
