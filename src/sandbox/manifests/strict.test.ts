import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { manifestsOf, TOPOLOGIES } from '../../topologies/index.ts';
import { withoutEffect } from '../api/effect/without-effect.ts';
import type { JsonMap } from '../api/json.ts';
import { resourceOf } from '../api/resources.ts';
import { decodeBuiltin } from '../api/schema/builtin-fields.ts';
import { pruneCustom } from '../api/schema/custom-fields.ts';

const SCENARIOS = fileURLToPath(new URL('../../../scenarios/manifests/', import.meta.url));

/** By what they are called here. */
function manifests(): [string, string][] {
  const topologies = TOPOLOGIES.flatMap((topology) =>
    topology.clusters.map((cluster): [string, string] => [
      `${topology.name}/${cluster.name}`,
      manifestsOf(topology, cluster).join('\n---\n'),
    ]),
  );
  const files = readdirSync(SCENARIOS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  return [...topologies, ...files.map((file): [string, string] => [file, readFileSync(join(SCENARIOS, file), 'utf8')])];
}

describe("the project's own manifests", () => {
  it('have no field that their kind does not have, and nothing that is not acted upon', () => {
    const files = manifests();
    expect(files.length).to.be.greaterThan(8);
    for (const [file, text] of files) {
      for (const document of parseAllDocuments(text)) {
        const object = document.toJS() as JsonMap & { apiVersion: string; kind: string };
        const resource = resourceOf(object);
        const { unknown } = resource.custom ? pruneCustom(object, resource) : decodeBuiltin(object);
        expect([...unknown, ...withoutEffect(object)], `${file}: ${object.kind}`).to.deep.equal([]);
      }
    }
  });
});
