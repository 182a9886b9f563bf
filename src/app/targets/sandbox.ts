import { startSandboxProcess } from './sandbox-process.ts';
import { manifestsOf, namespacesOf, topologyOf } from './scenario-needs.ts';
import { openTargetsFile, type TargetKind } from './target.ts';

/** The embedded sandbox, started just for one run. */
export const sandboxTarget: TargetKind = {
  keptBy: 'faultline sandbox up',
  open: async (scenario) => {
    const sandbox = await startSandboxProcess({
      apply:
        scenario === undefined
          ? []
          : manifestsOf(scenario).map(({ path, cluster }) => (cluster === undefined ? path : `${cluster}=${path}`)),
      namespaces: scenario === undefined ? [] : namespacesOf(scenario),
      topology: topologyOf(scenario ?? { annotations: {} }).name,
    });
    try {
      const open = await openTargetsFile(sandbox.targets, true);
      const close = async () => {
        await open.close();
        await sandbox.close();
      };
      return { ...open, watchBlind: sandbox.watchBlind, close };
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  },
};
