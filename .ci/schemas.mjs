// Writes the schemas that the sandbox's API server validates with: the fields of the built-in kinds from Kubernetes' own
// OpenAPI document, and the schemas of Istio's CustomResourceDefinitions, both without descriptions and of the versions that the
// lab builds. Needs Go: the modules are those of src/lab/go, found in Go's cache or downloaded.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { RESOURCES } from '../src/sandbox/api/resources.ts';

const FOLDER = 'src/sandbox/api/schema';

/** Folder and version of a module that a wrapper module of the lab requires. */
function moduleOf(wrapper, name) {
  const args = ['list', '-m', '-f', '{{.Dir}} {{.Version}}', name];
  const [dir, version] = execFileSync('go', args, { cwd: `src/lab/go/${wrapper}`, encoding: 'utf8' })
    .trim()
    .split(' ');
  return { dir, version };
}

/** One entry a line, so that a new version can be compared with the old one. */
function write(file, head, body) {
  const lines = Object.keys(body)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(body[key])}`);
  const tops = Object.entries(head).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},\n`);
  writeFileSync(join(FOLDER, file), `{\n${tops.join('')}"definitions":{\n${lines.join(',\n')}\n}}\n`);
}

function shortName(name) {
  return name
    .replace(/^.*\/definitions\//, '')
    .replace(/^io\.k8s\.(api\.|apimachinery\.pkg\.(apis\.)?|apiextensions-apiserver\.pkg\.apis\.)/, '');
}

/** Definitions without properties of their own: what stands in their place. */
const SCALARS = {
  'api.resource.Quantity': 'quantity',
  'util.intstr.IntOrString': 'int-or-string',
  'meta.v1.Time': 'string',
  'meta.v1.MicroTime': 'string',
};

/** `string`, `[]T` a list, `{}T` a map, `any`, or the name of a definition. */
function typeOf(schema, use) {
  if (schema.$ref !== undefined) {
    const name = shortName(schema.$ref);
    return SCALARS[name] ?? use(name);
  }
  if (schema.type === 'array') return `[]${typeOf(schema.items, use)}`;
  if (schema.additionalProperties !== undefined) return `{}${typeOf(schema.additionalProperties, use)}`;
  if (schema.format === 'int32' || schema.format === 'int64') return schema.format;
  return ['string', 'boolean', 'number', 'integer'].includes(schema.type) ? schema.type : 'any';
}

function kubernetes() {
  const { dir, version } = moduleOf('kubernetes', 'k8s.io/kubernetes');
  const { definitions } = JSON.parse(readFileSync(join(dir, 'api/openapi-spec/swagger.json'), 'utf8'));
  const all = new Map(Object.entries(definitions).map(([name, schema]) => [shortName(name), schema]));
  const found = {};
  const use = (name) => {
    const properties = all.get(name)?.properties;
    if (properties === undefined) return 'any';
    if (found[name] !== undefined) return name;
    found[name] = {};
    for (const [field, schema] of Object.entries(properties)) found[name][field] = typeOf(schema, use);
    return name;
  };
  const kinds = {};
  for (const [name, schema] of all) {
    for (const { group, version: served, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
      const known = RESOURCES.some(
        (one) => !one.custom && one.group === group && one.kind === kind && one.versions.includes(served),
      );
      if (known) kinds[`${group === '' ? served : `${group}/${served}`} ${kind}`] = use(name);
    }
  }
  write('kubernetes.schema.json', { version, kinds }, found);
}

/** Without what only people read. */
function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key, value]) => key !== 'description' || typeof value !== 'string');
  return Object.fromEntries(kept.map(([key, value]) => [key, plain(value)]));
}

function istio() {
  const { dir, version } = moduleOf('istio', 'istio.io/istio');
  const text = readFileSync(join(dir, 'manifests/charts/base/files/crd-all.gen.yaml'), 'utf8');
  const schemas = {};
  for (const document of parseAllDocuments(text)) {
    const { spec } = document.toJS() ?? {};
    if (
      spec === undefined ||
      !RESOURCES.some((one) => one.custom && one.group === spec.group && one.kind === spec.names.kind)
    )
      continue;
    const [first, ...more] = spec.versions.map((one) => JSON.stringify(plain(one.schema.openAPIV3Schema)));
    if (more.some((one) => one !== first)) throw new Error(`${spec.names.kind}: its versions have different schemas`);
    schemas[`${spec.names.kind}.${spec.group}`] = JSON.parse(first);
  }
  write('istio.schema.json', { version }, schemas);
}

kubernetes();
istio();
