/** Who holds a lease: `<run id>/<host>/<process id>`, and the address of the CI job where there is one. */
type Holder = {
  /** Of a run, of a recovery, or of a dead-man. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly url?: string;
};

/** Of who holds a cluster to undo what is left there, and has no faults of its own. */
const RECOVERY = /^(recover|dead-man)-/;

/** The `holderIdentity` of a Lease. */
export function holderText({ id, host, pid, url }: Holder): string {
  return [id, host, pid, ...(url === undefined ? [] : [url])].join('/');
}

/** The run or recovery that an identity names. */
export function holderId(identity: string): string {
  return identity.split('/')[0] ?? identity;
}

/** `run 20261122t090000z-7f3c (process 4711 on host ci-7, https://…)`, or the identity as it is where it is not ours. */
export function describeHolder(identity: string): string {
  const [, id, host, pid, url] = /^([a-z0-9-]+)\/([^/]*)\/(\d+)(?:\/(.*))?$/.exec(identity) ?? [];
  if (id === undefined) return identity;
  const what = RECOVERY.test(id) ? id : `run ${id}`;
  return `${what} (process ${pid} on host ${host}${url === undefined ? '' : `, ${url}`})`;
}

/** How to go on where somebody holds a cluster and lives: `wait` says what waiting is, `freeze` is the command that stops a run. */
export function heldHint(identity: string | undefined, wait: string, freeze: string): string {
  if (RECOVERY.test(identity ?? ''))
    return `${wait}, and try again: it undoes what a run has left, and tells what it could not`;
  return `${wait}, stop it where it runs, or freeze the cluster, which makes it undo its faults: ${freeze}`;
}
