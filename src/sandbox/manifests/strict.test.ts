import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { withoutEffect } from '../api/effect/without-effect.ts';
import type { JsonMap } from '../api/json.ts';
import { resourceOf } from '../api/resources.ts';
import { decodeBuiltin } from '../api/schema/builtin-fields.ts';
import { pruneCustom } from '../api/schema/custom-fields.ts';

const FOLDERS = ['./', '../../../scenarios/manifests/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

function manifests(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => join(folder, file)),
  );
}

describe("the project's own manifests", () => {
  it('have no field that their kind does not have, and nothing that is not acted upon', () => {
    const files = manifests();
    expect(files.length).to.be.greaterThan(8);
    for (const file of files) {
      for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
        const object = document.toJS() as JsonMap & { apiVersion: string; kind: string };
        const resource = resourceOf(object);
        const { unknown } = resource.custom ? pruneCustom(object, resource) : decodeBuiltin(object);
        expect([...unknown, ...withoutEffect(object)], `${file}: ${object.kind}`).to.deep.equal([]);
      }
    }
  });
});
