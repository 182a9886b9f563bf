import { hostname } from 'node:os';
import { holderText } from '../../run/holder.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a Lease says of who holds it: the run or recovery, this machine and process, and the CI job. */
export function holderOf(id: string, env: Environment = process.env): string {
  const url = jobUrl(env);
  const host = hostname().replaceAll('/', '-');
  return holderText({ id, host, pid: process.pid, ...(url === undefined ? {} : { url }) });
}

/** A holder is shown in one line, on terminals too, whatever an environment holds. */
const URL_FORM = /^https?:\/\/[\x21-\x7e]{1,300}$/;

/** GitHub Actions, GitLab CI/CD and Jenkins say where their job can be looked at, and stopped. */
function jobUrl(env: Environment): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = env;
  const github = GITHUB_RUN_ID && `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  return [github, env.CI_JOB_URL, env.BUILD_URL].find((url) => url !== undefined && URL_FORM.test(url));
}
