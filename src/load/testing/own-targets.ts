import type { RequestListener } from 'node:http';
import { answering, type TestServer } from './test-server.ts';

/** For a `describe`: makes the targets of its specs, and closes each after the spec that it was made for. */
export function ownTargets(): (answer: RequestListener) => Promise<TestServer> {
  const targets: TestServer[] = [];
  afterEach(async () => {
    await Promise.all(targets.splice(0).map((target) => target.close()));
  });
  return async (answer) => {
    const made = await answering(answer);
    targets.push(made);
    return made;
  };
}
