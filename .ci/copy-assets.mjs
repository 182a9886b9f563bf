// Copies what the compiler does not: the sandbox's manifests, and the Go sources of the k6 extension.
import { cpSync } from 'node:fs';

cpSync('src/sandbox/manifests', 'dist/src/sandbox/manifests', { recursive: true });
cpSync('src/load/xk6', 'dist/src/load/xk6', { recursive: true });
