// Copies what the compiler does not: the sandbox's manifests.
import { cpSync } from 'node:fs';

cpSync('src/sandbox/manifests', 'dist/src/sandbox/manifests', { recursive: true });
