// What needs Go: builds k6 with the extension (or finds it built) and one without, tests the extension, then runs the specs
// that need the binaries.
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const extension = 'src/load/xk6';
const like = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-trimpath -buildvcs=false' };

function run(program, args, options = {}) {
  console.error(`$ ${program} ${args.join(' ')}`);
  return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', ...options });
}

const node = (args, options) => run(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], options);

const folder = mkdtempSync(join(tmpdir(), 'faultline-stock-'));
try {
  const FAULTLINE_K6 = node(['src/cli/main.ts', 'k6', 'build']).trim();
  const unformatted = run('gofmt', ['-l', '.'], { cwd: extension });
  if (unformatted !== '') throw new Error(`gofmt would change:\n${unformatted}`);
  run('go', ['vet', './...'], { cwd: extension, env: { ...like, CGO_ENABLED: '0' } });
  process.stderr.write(run('go', ['test', '-race', '-count=1', './probe'], { cwd: extension, env: like }));
  const FAULTLINE_STOCK_K6 = join(folder, 'k6');
  run('go', ['build', '-o', FAULTLINE_STOCK_K6, 'go.k6.io/k6/v2'], {
    cwd: extension,
    env: { ...like, CGO_ENABLED: '0' },
  });
  const specs = globSync('src/**/*.k6test.ts').sort();
  node(['node_modules/mocha/bin/mocha.js', ...specs], {
    stdio: 'inherit',
    env: { ...process.env, FAULTLINE_K6, FAULTLINE_STOCK_K6 },
  });
} catch (error) {
  console.error(`test:k6 failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
