import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { faultline } from './testing/live-sandbox.ts';

/** Every scenario that comes with faultline. */
const SHIPPED = [
  ...readdirSync('scenarios').map((name) => join('scenarios', name)),
  ...readdirSync('scenarios/examples').map((name) => join('scenarios', 'examples', name)),
  join('scenarios', 'k6', 'service-failover-script.yaml'),
].filter((name) => name.endsWith('.yaml'));

describe('validate', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-validate-'));
  });
  after(() => rmSync(dir, { recursive: true }));

  it('has no advice for what comes with faultline', async () => {
    expect(SHIPPED).to.have.length.greaterThan(7);
    const { code, stdout } = await faultline('validate', '-o', 'json', ...SHIPPED);
    expect(code, stdout).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.equal({ valid: true, diagnostics: [] });
  });

  it('says where a share cannot be shown, what it needs, and what to write', async () => {
    const file = join(dir, 'few.yaml');
    writeFileSync(file, readFileSync('scenarios/service-failover.yaml', 'utf8').replace('">= 99%"', '">= 99.9%"'));
    const { code, stdout } = await faultline('validate', file);
    expect(code, 'a warning is no error').to.equal(0);
    expect(stdout)
      .to.contain(`${file}:33:26 warning FIELD_VALUE steadyState.good >= 99.9% needs 3688 requests`)
      .and.to.contain('4 paths send 720 in the baseline')
      .and.to.contain('write `baseline: 48s`, or `rate: 103/s`, or `">= 99.4%"`')
      .and.to.contain('TOO FEW');
  });
});

describe('validate with a targets file', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-validate-'));
  });
  after(() => rmSync(dir, { recursive: true }));

  it('holds scenarios against its clusters, regions and gateways, and counts those', async () => {
    const [targets, good, bad] = ['targets', 'good', 'bad'].map((name) => join(dir, `${name}.yaml`)) as [
      string,
      string,
      string,
    ];
    const gateway = '{zone: ap-northeast-1a, address: "127.0.0.1:80"}';
    const clusters = [
      `{name: tokyo, region: ap-northeast-1, kubeconfig: k, context: c, gateways: [${gateway}]}`,
      '{name: hangzhou, region: cn-hangzhou, kubeconfig: k, context: d, gateways: [{zone: h, address: "127.0.0.1:81"}]}',
    ];
    const head = 'apiVersion: faultline/v1alpha1\nkind: Targets\nmetadata: {name: two}\n';
    writeFileSync(targets, `${head}spec: {clusters: [${clusters.join(', ')}]}\n`);
    const text = readFileSync('scenarios/service-failover.yaml', 'utf8');
    writeFileSync(good, text);
    writeFileSync(bad, text.replace('cluster: tokyo', 'cluster: tokio').replace('region: cn-hangzhou', 'region: cn'));
    const { code, stdout } = await faultline('validate', targets, good, bad);
    expect(code, stdout).to.equal(2);
    expect(stdout)
      .to.contain(`${good}: valid`)
      .and.to.contain('2 paths send 360 in the baseline')
      .and.to.contain('with 2 gateway zones, as two has')
      .and.to.contain(`${bad}:26:18 error NAME_UNKNOWN the target has no cluster \`tokio\``)
      .and.to.contain('the target has no region `cn`');
    expect((await faultline('validate', bad)).code, 'alone it may be for any target').to.equal(0);
  });
});

describe('init', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-init-'));
  });
  after(() => rmSync(dir, { recursive: true }));

  it('writes a scenario without a mistake or advice, with the schema that its first line names', async () => {
    const file = join(dir, 'first drill.yaml');
    const { stdout } = await faultline('init', file);
    expect(stdout).to.contain(`faultline validate '${file}'`);
    const checked = await faultline('validate', '-o', 'json', file);
    expect(JSON.parse(checked.stdout)).to.deep.equal({ valid: true, diagnostics: [] });
    const [, schema = ''] = /\$schema=\.\/(\S+)/.exec(readFileSync(file, 'utf8')) ?? [];
    expect(JSON.parse(readFileSync(join(dir, schema), 'utf8'))).to.deep.equal(
      JSON.parse(readFileSync('scenarios/scenario.schema.json', 'utf8')),
    );
  });

  it('overwrites nothing, and says which folder is missing', async () => {
    writeFileSync(join(dir, 'there.yaml'), 'mine');
    writeFileSync(join(dir, 'scenario.schema.json'), 'mine too');
    const refused = await faultline('init', join(dir, 'there.yaml'));
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.contain('exists already');
    const nowhere = await faultline('init', join(dir, 'a', 'b.yaml'));
    expect(nowhere.stderr).to.contain(`error USAGE: there is no folder ${join(dir, 'a')}`);
    const context = ['--from-context', 'nowhere', '--kubeconfig', join(dir, 'none')];
    const unknown = await faultline('init', join(dir, 'c.yaml'), ...context);
    expect(unknown.code).to.equal(2);
    expect(unknown.stderr).to.contain('error NAME_UNKNOWN: no context nowhere in');
    const other = await faultline('init', join(dir, 'other.yaml'), '-o', 'json');
    expect(other.code).to.equal(0);
    const file = join(dir, 'other.yaml');
    expect(JSON.parse(other.stdout)).to.deep.equal({ file, notes: [], next: ['faultline', 'validate', file] });
    expect(readFileSync(join(dir, 'there.yaml'), 'utf8')).to.equal('mine');
    expect(readFileSync(join(dir, 'scenario.schema.json'), 'utf8')).to.equal('mine too');
  });
});
