import type { Clock, Random } from '../../model/ports.ts';
import { apiVersionOf, RESOURCES } from '../api/resources.ts';
import type { ObjectStore } from '../api/store.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { daemonSetController } from './daemon-set.ts';
import { deploymentController } from './deployment.ts';
import { disruptionController } from './disruption.ts';
import { effectsController } from './effects.ts';
import { endpointSliceController } from './endpoint-slices.ts';
import { createEventRecorder } from './events.ts';
import { garbageCollector } from './garbage-collector.ts';
import { jobController } from './jobs.ts';
import { namespaceController } from './namespaces.ts';
import { createQueue, type Queue } from './queue.ts';
import { replicaSetController } from './replica-set.ts';
import { rolloutController } from './rollout.ts';
import { schedulerController } from './scheduler.ts';
import { statefulSetController } from './stateful-set.ts';

type ControllersOptions = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Hears of work that threw; it is tried again in any case. */
  readonly onError?: (controller: string, key: string, error: unknown) => void;
};

const CONTROLLERS: readonly ((context: ControllerContext) => Controller)[] = [
  deploymentController,
  rolloutController,
  replicaSetController,
  statefulSetController,
  daemonSetController,
  schedulerController,
  endpointSliceController,
  namespaceController,
  garbageCollector,
  jobController,
  disruptionController,
  effectsController,
];

/** Starts what a controller manager and a scheduler do for one cluster. They see what is in the store already, and every change. */
export function startControllers({ store, clock, random, onError }: ControllersOptions): { stop(): void } {
  const context: ControllerContext = { store, clock, random, events: createEventRecorder({ store, clock, random }) };
  const running = CONTROLLERS.map((create): { controller: Controller; queue: Queue } => {
    const controller = create(context);
    const { name, reconcile } = controller;
    const queue = createQueue({ clock, work: reconcile, onError: (key, error) => onError?.(name, key, error) });
    return { controller, queue };
  });
  const unlisten = store.onChange((event) => {
    for (const { controller, queue } of running) {
      for (const key of controller.keys(event)) queue.add(key);
    }
  });
  for (const resource of RESOURCES) {
    for (const object of store.list({ apiVersion: apiVersionOf(resource), kind: resource.kind })) {
      for (const { controller, queue } of running) {
        for (const key of controller.keys({ type: 'ADDED', object })) queue.add(key);
      }
    }
  }
  return {
    stop() {
      unlisten();
      for (const { queue } of running) queue.stop();
    },
  };
}
