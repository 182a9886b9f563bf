// actionlint over all workflows, built from a small module of its own. Only where Go is: it is no failure of theirs.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';

const files = globSync('.github/workflows/*.yml').map((file) => resolve(file));
// shellcheck and pyflakes only where somebody has installed them would be another result on each machine.
const args = ['-C', '.ci/actionlint', 'tool', 'actionlint', '-shellcheck=', '-pyflakes=', ...files];
const { error, status } = spawnSync('go', args, { stdio: 'inherit', env: { ...process.env, GOTOOLCHAIN: 'local' } });
if (error?.code === 'ENOENT') console.log('Workflows are not checked: actionlint needs Go, and there is none.');
else if (error !== undefined) throw error;
else console.log(`actionlint: ${files.length} workflows, ${status === 0 ? 'no findings' : 'see above'}`);
process.exitCode = status ?? 0;
