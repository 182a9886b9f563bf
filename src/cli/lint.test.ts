import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { faultline, type LiveSandbox, liveSandbox } from './testing/live-sandbox.ts';

const FAILOVER = 'scenarios/service-failover.yaml';
const BARE = readFileSync('scenarios/manifests/mockb-without-outlier-detection.yaml', 'utf8');

describe('faultline lint', function () {
  this.timeout(120_000);
  let live: LiveSandbox;
  const lint = (...args: string[]) => faultline('lint', ...args, '--target', live.targets);

  describe('on the sandbox as it is', () => {
    before(async () => {
      live = await liveSandbox();
    });
    after(async () => live.close());

    it('finds nothing, and no error or warning for the scenario of the vendor page', async () => {
      expect(await lint()).to.deep.include({ code: 0, stdout: 'Nothing found\n' });
      const { code, stdout } = await lint(FAILOVER);
      expect(code, stdout).to.equal(0);
      expect(stdout).to.match(/^0 errors, 0 warnings, \d notes?$/m);
    });

    it('finds nothing in the scenario that `init` writes for a service there, either', async () => {
      const file = join(dirname(live.targets), 'own.yaml');
      const { code, stderr, stdout } = await faultline('init', file, '--target', live.targets, '--service', 'mockb');
      expect(code, stderr).to.equal(0);
      expect(stdout).to.include(`Next: faultline plan ${file} --target ${live.targets}`);
      expect((await lint(file)).stdout).to.match(/^0 errors, 0 warnings/m);
      const missing = await faultline('init', `${file}.yaml`, '--target', live.targets, '--service', 'shop');
      expect(missing.code).to.equal(2);
      expect(missing.stderr).to.contain('no Service shop with pods\n  There are: default/mocka, default/mockb');
    });

    it('finds nothing in what `init` writes for contexts, whose answers tell the chain', async () => {
      const own = join(dirname(live.targets), 'own');
      mkdirSync(own);
      const file = join(own, 'drill.yaml');
      const kubeconfig = join(dirname(live.targets), 'kubeconfig');
      const from = ['--from-context', 'tokyo,hangzhou', '--kubeconfig', kubeconfig, '--service', 'mockb'];
      const { code, stderr, stdout } = await faultline('init', file, ...from);
      expect(code, stderr).to.equal(0);
      const targets = join(own, 'targets.yaml');
      expect(stdout).to.include(`Next: faultline plan ${file} --target ${targets}`);
      expect(readFileSync(file, 'utf8')).to.include('good: {status: 200, chain: [mocka, mockb, mockc], latency: 1s}');
      expect((await faultline('lint', file, '--target', targets)).stdout).to.match(/^0 errors, 0 warnings/m);
      const again = await faultline('init', join(own, 'other.yaml'), ...from);
      expect(again.code).to.equal(2);
      expect(again.stderr).to.contain(`${targets} exists already`);
    });

    it('exits 2 for a scenario that is not valid, and 3 for a target that cannot be read', async () => {
      const bad = join(dirname(live.targets), 'bad.yaml');
      writeFileSync(bad, 'kind: Scenario\n');
      expect((await lint(bad)).code).to.equal(2);
      const nobody = live.sandbox.addUser('nobody', {});
      writeFileSync(join(dirname(live.targets), 'nobody-kubeconfig'), nobody.kubeconfig);
      const targets = join(dirname(live.targets), 'nobody.yaml');
      writeFileSync(targets, live.sandbox.targets.replaceAll('./kubeconfig', './nobody-kubeconfig'));
      const { code, stdout, stderr } = await faultline('lint', '--target', targets);
      expect([code, stdout]).to.deep.equal([3, '']);
      expect(stderr).to.include('error PERMISSION_DENIED').and.include('list DestinationRule in tokyo/default');
      const doctor = await faultline('doctor', FAILOVER, '--target', targets);
      expect(doctor.code).to.equal(3);
      expect(doctor.stdout)
        .to.match(/^MISSING cluster tokyo: get Namespace kube-system: 403 /m)
        .and.match(
          /^MISSING cluster tokyo permissions: not allowed: .*create Lease in tokyo\/default.*\n.*--rbac User:NAME/m,
        );
    });

    it('leaves doctor and its exit code alone, which sends each request of a scenario once', async () => {
      const { code, stdout } = await faultline('doctor', FAILOVER, '--target', live.targets);
      // For this very scenario, as lint itself.
      expect(stdout).to.match(/^ok {6}mesh without lint errors: 0 errors, 0 warnings, \d+ note/m);
      expect(stdout).to.match(
        /^ok +request entry@hangzhou\/cn-hangzhou-k: status 200 in \d+ ms from mocka cn-hangzhou-k > /m,
      );
      expect(code, stdout).to.equal(0);
      expect(stdout).to.include(`ok      permissions of ${FAILOVER}: `).and.not.include('faults in tokyo');
      const wrong = join(dirname(live.targets), 'wrong.yaml');
      writeFileSync(wrong, readFileSync(FAILOVER, 'utf8').replace('path: /mock,', 'path: /shop,'));
      const other = await faultline('doctor', wrong, '--target', live.targets);
      expect(other.stdout).to.match(
        /^MISSING request entry@tokyo\/ap-northeast-1a: status 404 in \d+ ms; good is status 200$/m,
      );
      expect(other.code).to.equal(3);
    });
  });

  describe('where one cluster has a rule without outlierDetection', () => {
    before(async () => {
      live = await liveSandbox([BARE]);
    });
    after(async () => live.close());

    it('exits 1 and names object, field, reason and change', async () => {
      const { code, stdout } = await lint();
      expect(code, stdout).to.equal(1);
      expect(stdout)
        .to.include('error missing-in-one-cluster')
        .and.include('tokyo DestinationRule default/mockb: spec.trafficPolicy.outlierDetection')
        .and.include('change: Apply the DestinationRule for mockb.default.svc.cluster.local in tokyo, too.')
        .and.include('why: Each istiod reads DestinationRules of its own cluster only');
    });

    it('says the same in JSON and in SARIF', async () => {
      const json = await lint(FAILOVER, '-o', 'json');
      const { findings, scenario } = JSON.parse(json.stdout);
      const [error] = findings;
      expect([json.code, scenario, error.rule, error.object.cluster]).to.deep.equal([
        ...[1, FAILOVER, 'missing-in-one-cluster', 'tokyo'],
      ]);
      const sarif = await lint('-o', 'sarif');
      const [result] = JSON.parse(sarif.stdout).runs[0].results;
      expect([sarif.code, result.ruleId, result.level]).to.deep.equal([1, 'missing-in-one-cluster', 'error']);
      expect(result.locations[0].physicalLocation.artifactLocation.uri).to.equal(encodeURI(live.targets));
    });

    it('is told in a plan and by doctor, whose exit codes stay what they were', async () => {
      const line = 'missing-in-one-cluster at tokyo DestinationRule default/mockb';
      const planned = await faultline('plan', FAILOVER, '--target', live.targets);
      expect([planned.code, planned.stderr]).to.deep.equal([0, '']);
      expect(planned.stdout).to.include(`  error ${line}`);
      const doctor = await faultline('doctor', '--target', live.targets);
      expect(doctor.code).to.equal(0);
      expect(doctor.stdout).to.include('absent  mesh without lint errors: 1 error').and.include(line);
    });
  });
});
