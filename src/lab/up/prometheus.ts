import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { FABRIC_ADDRESS, loopbackOf } from '../topology.ts';
import type { Address } from './balancer.ts';
import type { Daemon } from './daemon.ts';
import { FABRIC, inNamespace } from './network.ts';
import { type Entrance, kubeconfig } from './users.ts';

/** Within the lab, and where the machine reaches it: there the usual port may be that of a Prometheus of the machine's own. */
const INSIDE: Address = { host: FABRIC_ADDRESS, port: 9090 };
const OUTSIDE: Address = { host: loopbackOf(FABRIC_ADDRESS), port: 19090 };

/** How often it asks every proxy and evaluates its rules: part of what an alert takes to fire. */
const INTERVAL = '2s';

/** What a Prometheus of the lab is made of; all paths. */
export type PrometheusParts = {
  readonly program: string;
  /** Its alert rules. */
  readonly rules: string;
  /** A program of ours that writes down which proxies there are: Debian's Prometheus cannot ask Kubernetes. */
  readonly discovery: string;
};

type LabPrometheus = {
  readonly daemons: readonly [discovery: Daemon, prometheus: Daemon];
  readonly inside: Address;
  readonly outside: Address;
};

/** Writes what a Prometheus of the lab reads into its folder. `readers`: the way into each cluster, from within the lab. */
export function labPrometheus(
  lab: string,
  { program, rules, discovery }: PrometheusParts,
  readers: readonly Entrance[],
): LabPrometheus {
  const folder = join(lab, 'prometheus');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kubeconfigs = readers.map((reader) => {
    const file = join(folder, `${reader.cluster}.kubeconfig`);
    writeFileSync(file, kubeconfig([reader]), { mode: 0o600 });
    return file;
  });
  const config = join(folder, 'prometheus.yaml');
  writeFileSync(config, prometheusConfig(join(folder, '*.json'), rules));
  const daemon = (name: string, command: readonly [string, ...string[]]): Daemon => {
    return { name, group: 'prometheus', command: inNamespace(FABRIC, command) };
  };
  return {
    daemons: [
      daemon('prometheus-discovery', [
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        discovery,
        ...kubeconfigs,
      ]),
      daemon('prometheus', [
        program,
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        '--storage.tsdb.retention.time=6h',
        `--web.listen-address=${INSIDE.host}:${INSIDE.port}`,
        '--log.level=warn',
      ]),
    ],
    inside: INSIDE,
    outside: OUTSIDE,
  };
}

function prometheusConfig(proxies: string, rules: string): string {
  return stringify({
    global: { scrape_interval: INTERVAL, scrape_timeout: INTERVAL, evaluation_interval: INTERVAL },
    rule_files: [rules],
    scrape_configs: [
      { job_name: 'envoy-stats', metrics_path: '/stats/prometheus', file_sd_configs: [{ files: [proxies] }] },
    ],
  });
}
