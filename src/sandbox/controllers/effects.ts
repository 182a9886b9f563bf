import { KINDS, type KubeObject, NOT_ACTED_ON, type ObjectRef } from '../../model/kubernetes.ts';
import { withoutEffect } from '../api/effect/without-effect.ts';
import { timestamp } from '../api/identity.ts';
import { asMap, type JsonMap } from '../api/json.ts';
import { findResource } from '../api/resources.ts';
import type { Controller, ControllerContext } from './controller.ts';

const COMPONENT = 'sandbox';

/**
 * Tells in an Event of an object what of it has no effect. There is one such Event for an object, as long as that is so:
 * unlike other events it is a state, and goes when the object changes or goes.
 */
export function effectsController({ store, clock }: ControllerContext): Controller {
  return {
    name: 'effects-controller',
    keys: ({ object }) => (object.kind === KINDS.event.kind || isOwned(object) ? [] : [JSON.stringify(refOf(object))]),
    reconcile(key) {
      const ref = JSON.parse(key) as ObjectRef;
      tell(ref, store.get(ref));
      return undefined;
    },
  };

  function tell(ref: ObjectRef, object: KubeObject | undefined): void {
    const message = object === undefined ? '' : withoutEffect(asMap(object), store.configuredBy).join('; ');
    const event = { ...KINDS.event, namespace: ref.namespace ?? 'default', name: eventName(ref) };
    const known = store.get(event);
    if ((known?.message ?? '') === message) return;
    if (known !== undefined) store.delete(event);
    if (object === undefined || message === '') return;
    const { namespace, name } = event;
    store.create({ ...eventOf(object, message, timestamp(clock)), metadata: { namespace, name } });
  }
}

/** What a controller made says nothing that its owner does not say. */
function isOwned({ metadata }: KubeObject): boolean {
  return (metadata.ownerReferences ?? []).some(({ controller }) => controller === true);
}

function refOf({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  const { name = '', namespace } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function eventName({ apiVersion, kind, name }: ObjectRef): string {
  const resource = findResource({ apiVersion, kind });
  return `${name}.${resource?.plural ?? kind.toLowerCase()}.not-acted-on`;
}

function eventOf(object: KubeObject, message: string, time: string): KubeObject {
  const { apiVersion, kind, metadata } = object;
  const { name = '', namespace, uid = '', resourceVersion = '' } = metadata;
  const involvedObject: JsonMap = { apiVersion, kind, name, uid, resourceVersion };
  if (namespace !== undefined) involvedObject.namespace = namespace;
  return {
    ...KINDS.event,
    metadata: {},
    involvedObject,
    reason: NOT_ACTED_ON,
    message,
    source: { component: COMPONENT },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type: 'Warning',
    eventTime: null,
    reportingComponent: COMPONENT,
    reportingInstance: '',
  };
}
