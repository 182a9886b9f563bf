import { type Segment, sha256, sizeOf, type TarEntry, tar } from './tar.ts';

/** What an image is, beside its files. */
export type ImageConfig = {
  /** The name it is known by once it is imported, for example `lab.local/pause:1`. */
  readonly reference: string;
  readonly entrypoint: readonly string[];
  /** `uid:gid`; root when undefined. */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
};

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const ARCHITECTURE: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64' };

/**
 * An OCI image layout (https://github.com/opencontainers/image-spec, image-layout.md) as a tar archive with one
 * uncompressed layer. containerd reads the image's name from an annotation of the index.
 */
export async function ociArchive(config: ImageConfig, files: readonly TarEntry[]): Promise<Segment[]> {
  const layer = await blob('application/vnd.oci.image.layer.v1.tar', tar(files));
  const image = await json('application/vnd.oci.image.config.v1+json', {
    architecture: ARCHITECTURE[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      ...(config.user === undefined ? {} : { User: config.user }),
      Env: Object.entries({ PATH, ...config.env }).map(([name, value]) => `${name}=${value}`),
      Entrypoint: config.entrypoint,
    },
    rootfs: { type: 'layers', diff_ids: [layer.descriptor.digest] },
  });
  const manifest = await json('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: image.descriptor,
    layers: [layer.descriptor],
  });
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...manifest.descriptor, annotations: { 'io.containerd.image.name': config.reference } }],
  };
  const folder = (path: string): TarEntry => ({ kind: 'folder', path, mode: 0o755, owner: 0 });
  return tar([
    file('oci-layout', text({ imageLayoutVersion: '1.0.0' })),
    file('index.json', text(index)),
    folder('blobs'),
    folder('blobs/sha256'),
    ...[image, manifest, layer].map(({ hex, body }) => file(`blobs/sha256/${hex}`, body)),
  ]);
}

type Blob = {
  readonly hex: string;
  readonly body: readonly Segment[];
  readonly descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
};

async function blob(mediaType: string, body: readonly Segment[]): Promise<Blob> {
  const hex = await sha256(body);
  return { hex, body, descriptor: { mediaType, digest: `sha256:${hex}`, size: sizeOf(body) } };
}

const json = (mediaType: string, value: object): Promise<Blob> => blob(mediaType, text(value));
const text = (value: object): Segment[] => [Buffer.from(JSON.stringify(value))];
const file = (path: string, body: readonly Segment[]): TarEntry => ({
  kind: 'file',
  path,
  mode: 0o644,
  owner: 0,
  body,
});
