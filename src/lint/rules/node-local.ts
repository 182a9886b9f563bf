import { object } from '../../mesh/config-read.ts';
import type { LintRule } from '../finding.ts';
import { calledText, grouped, whoText } from '../grouped.ts';
import { serviceOf } from '../service-object.ts';
import { severityOf } from '../severity.ts';
import type { Call } from '../system.ts';

/** Istio: conversion.go ConvertService, endpoint_builder.go filterIstioEndpoint and snapshotShards. */
export const nodeLocal: LintRule = {
  id: 'node-local',
  severity: 'error',
  title: 'a called Service keeps calls on the node of the caller',
  why: 'With internalTrafficPolicy Local a proxy, that of a gateway too, gets the endpoints on its own node only: none of another zone or cluster, so that there is nobody to fail over to, and a caller on a node without an endpoint gets 503 for every call (Istio `conversion.go` ConvertService, `endpoint_builder.go` filterIstioEndpoint).',
  change: 'Set internalTrafficPolicy: Cluster.',
  ofChoice: true,
  check: ({ calls }) =>
    grouped(calls.filter(isNodeLocal)).map((group) => {
      const [call] = group;
      const [namespace = '', name = ''] = call.service.split('/');
      return {
        object: { cluster: call.caller.live.name, kind: 'Service', namespace, name },
        field: 'spec.internalTrafficPolicy',
        what: `Calls of ${whoText(group)} to ${calledText(call)} stay on the node of the caller: no other zone or cluster takes over, and where that node has no endpoint every call fails.`,
        change: 'Set internalTrafficPolicy: Cluster.',
        severity: severityOf(group),
      };
    }),
};

function isNodeLocal(call: Call): boolean {
  return object(serviceOf(call)?.spec).internalTrafficPolicy === 'Local';
}
