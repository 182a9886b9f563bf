import { FaultlineError } from '../../../model/errors.ts';
import { type JsonPatchOp, KINDS, type KubeObject, LOAD_LABEL } from '../../../model/kubernetes.ts';
import type { Json } from '../../../model/scenario.ts';
import type { Millis } from '../../../model/units.ts';
import { NO_HTTP2 } from '../local/command.ts';
import { runnerPod, starterPod } from './manifest-pods.ts';

/** A load as pods shall send it. */
export type PodsSetup = {
  readonly runId: string;
  readonly namespace: string;
  /** How many runners share the load. */
  readonly pods: number;
  /** Image of the runners, a k6 of version 2 with a shell (as grafana/k6), because the operator's initializer needs one. */
  readonly image: string;
  /** Texts by file name; every pod has them in one folder. */
  readonly files: Readonly<Record<string, string>>;
  /** The file that k6 is told to run. */
  readonly main: string;
  /** The file that the script finds by FAULTLINE_CONFIG. */
  readonly config: string;
  /** The file with the only certificates that are trusted; absent: those of the image. */
  readonly authority?: string;
  /** After its start the load ends by itself within this time. */
  readonly longestMs: Millis;
};

/** What is created in the load cluster, the ConfigMap first. */
export type OperatorManifests = { readonly configMap: KubeObject; readonly testRun: KubeObject };

/** Where the operator mounts the ConfigMap (pkg/types/script.go). */
const FOLDER = '/test';
/** The values of a ConfigMap together (k8s.io/kubernetes pkg/apis/core/validation, ValidateConfigMap). */
const MAX_BYTES = 1_048_576;
/**
 * The operator splits the arguments at single spaces for the runners, and puts them without quotes into a shell line of the
 * initializer (pkg/resources/jobs, pkg/types/k6cli.go), so none may hold a space or a character that a shell reads.
 */
const ARGUMENTS = ['--no-color', '--summary-mode=disabled', '--log-format=json'];
/** Keys of a ConfigMap. As `main` and `config` become part of shell lines of the initializer, nothing else may be in them. */
export const FILE_NAME = /^(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;
/**
 * A Service name begins with a letter, and what the operator makes of the name (`-initializer-xxxxx` is longest, 18
 * characters) has to fit into the 63 of a label.
 */
const NAME = /^[a-z]([-a-z0-9]{0,43}[a-z0-9])?$/;

/**
 * Words a load for the k6-operator: a ConfigMap with the files and a TestRun that runs them. Throws FaultlineError LOAD
 * where the cluster could not take it.
 */
export function operatorManifests(setup: PodsSetup): OperatorManifests {
  const { runId, namespace, files } = setup;
  const name = `faultline-${runId}`;
  if (!NAME.test(name)) throw new FaultlineError('LOAD', `A TestRun cannot be named ${name}.`);
  checkFiles(setup);
  const metadata = { name, namespace, labels: { [LOAD_LABEL]: runId } };
  return {
    configMap: { ...KINDS.configMap, metadata, immutable: true, data: { ...files } },
    testRun: { ...KINDS.testRun, metadata, spec: specOf(setup, name) },
  };
}

/**
 * What makes a TestRun, as the API server has stored it, the owner of its ConfigMap. The ConfigMap comes first, because
 * pods wait for it; the TestRun owns it, and not the other way round, because the operator deletes the TestRun by itself
 * when all runners have ended (`cleanup: post`): so nothing stays behind, even when the harness is gone. Without the uid
 * the patch cannot be made: throws FaultlineError LOAD.
 */
export function ownershipOf(testRun: KubeObject): JsonPatchOp[] {
  const { apiVersion, kind, metadata } = testRun;
  const { name, uid } = metadata;
  if (name === undefined || uid === undefined) throw new FaultlineError('LOAD', `${kind} ${name} has no UID.`);
  return [{ op: 'add', path: '/metadata/ownerReferences', value: [{ apiVersion, kind, name, uid }] }];
}

function specOf({ runId, pods, image, main, config, authority, longestMs }: PodsSetup, name: string): Json {
  const environment = {
    K6_NO_USAGE_REPORT: 'true',
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    GODEBUG: NO_HTTP2,
    FAULTLINE_CONFIG: `${FOLDER}/${config}`,
    ...(authority === undefined ? {} : { SSL_CERT_FILE: `${FOLDER}/${authority}` }),
  };
  const { runner, initializer } = runnerPod({ runId, image, environment, longestMs });
  return {
    parallelism: pods,
    script: { configMap: { name, file: main } },
    arguments: ARGUMENTS.join(' '),
    cleanup: 'post',
    runner,
    initializer,
    starter: starterPod(runId),
  };
}

function checkFiles({ files, main, config }: PodsSetup): void {
  const names = Object.keys(files);
  const odd = names.find((name) => !FILE_NAME.test(name));
  if (odd !== undefined) {
    throw new FaultlineError('LOAD', `Pods cannot have a file named ${JSON.stringify(odd)}.`, {
      hint: 'Letters, digits, dots, dashes and underscores make a name.',
    });
  }
  for (const name of [main, config]) {
    if (!names.includes(name)) throw new FaultlineError('LOAD', `There is no file ${name} for the pods.`);
  }
  const sizes = names.map((name) => ({ name, bytes: Buffer.byteLength(files[name] ?? '') }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= MAX_BYTES) return;
  const largest = sizes.toSorted((a, b) => b.bytes - a.bytes)[0];
  throw new FaultlineError(
    'LOAD',
    `The files of the load are ${total} bytes together, and a ConfigMap holds ${MAX_BYTES}; the largest is ${largest?.name} with ${largest?.bytes}.`,
    { hint: 'Leave out what the script does not need, or let it make its data itself.' },
  );
}
