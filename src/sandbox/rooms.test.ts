import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

/** Which rooms of the sandbox a room may import. The top (`index.ts` and what wires a cluster) may import all. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  api: [],
  pulse: [],
  controllers: ['api'],
  manifests: ['api'],
  nodes: ['api'],
  shell: ['api', 'nodes'],
  programs: ['api', 'nodes'],
  mesh: ['api', 'nodes', 'programs'],
};

/** What every room may name: the clusters and zones there are. */
const SHARED = 'topology.ts';
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const IMPORT = /from '((?:\.\.\/)+)([a-z-]+(?:\.ts)?)/g;

/** The rooms that a file leaves its own room for; the sandbox's own paths only. */
function roomsNamed(file: string, text: string): string[] {
  const depth = file.split(sep).length - 1;
  return [...text.matchAll(IMPORT)].flatMap(([, up = '', name = '']) => (up.length / 3 === depth ? [name] : []));
}

function forbidden(file: string, text: string): string[] {
  const [room = ''] = file.split(sep);
  const allowed = ROOMS[room];
  if (allowed === undefined) return [`${file}: room ${room} has no rule`];
  return roomsNamed(file, text)
    .filter((name) => name !== SHARED && name !== room && !allowed.includes(name))
    .map((name) => `${file}: ${room} may not import ${name}`);
}

describe('rooms of the sandbox', () => {
  it('import downwards only', () => {
    const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .filter((file) => file.includes(sep) && !file.startsWith('testing'));
    expect(files).to.include(join('api', 'patch', 'strategic.ts'));
    expect(files.flatMap((file) => forbidden(file, readFileSync(join(FOLDER, file), 'utf8')))).to.deep.equal([]);
  });

  it('would catch a wrong direction', () => {
    const text = "import { a } from '../mesh/link.ts';\nimport { b } from '../../model/ports.ts';\n";
    expect(forbidden(join('nodes', 'x.ts'), text)).to.deep.equal([`nodes${sep}x.ts: nodes may not import mesh`]);
    expect(forbidden(join('mesh', 'x.ts'), text)).to.deep.equal([]);
    expect(forbidden(join('api', 'patch', 'x.ts'), "from '../../mesh/x.ts'")).to.have.length(1);
    expect(forbidden(join('attic', 'x.ts'), '')).to.deep.equal([`attic${sep}x.ts: room attic has no rule`]);
  });
});
