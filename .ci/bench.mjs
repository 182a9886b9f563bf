// Runs every benchmark, one after the other. They print figures and ratios; nothing is asserted.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

for (const file of globSync('src/**/*.bench.ts').sort()) {
  process.stdout.write(`\n== ${file}\n`);
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', file], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
