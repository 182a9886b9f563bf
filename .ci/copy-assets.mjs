// Copies what the compiler does not: the topologies' manifests, the sandbox's schemas, the Go sources of the k6 extension and of the lab, and the scripts that k6
// reads as they are; no tests.
import { cpSync } from 'node:fs';

cpSync('src/topologies/manifests', 'dist/src/topologies/manifests', { recursive: true });
cpSync('src/sandbox/api/schema', 'dist/src/sandbox/api/schema', {
  recursive: true,
  filter: (file) => !file.endsWith('.ts'),
});
const filter = (file) => !file.endsWith('_test.go');
cpSync('src/load/xk6', 'dist/src/load/xk6', { recursive: true, filter });
cpSync('src/load/k6/scripts', 'dist/src/load/k6/scripts', { recursive: true });
cpSync('src/lab/go', 'dist/src/lab/go', { recursive: true, filter });
