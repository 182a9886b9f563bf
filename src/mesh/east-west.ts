import { type KubeObject, NETWORK_LABEL } from '../model/kubernetes.ts';
import { type JsonObject, object, objects, strings, text } from './config-read.ts';
import type { NetworkGateway } from './networks.ts';

/** Istio's own namespace; its label names the network of a cluster's pods. */
export const SYSTEM_NAMESPACE = 'istio-system';
/** Port of an east-west gateway, unless its label says another (Istio: DefaultNetworkGatewayPort). */
const DEFAULT_PORT = 15443;
const PORT_LABEL = 'networking.istio.io/gatewayPort';

/** Istio's network of a pod; empty where neither its label nor that of the system namespace names one (Istio: controller.go Network). */
export function networkOf(
  labels: Readonly<Record<string, string>> | undefined,
  system: Pick<KubeObject, 'metadata'> | undefined,
): string {
  return labels?.[NETWORK_LABEL] || system?.metadata.labels?.[NETWORK_LABEL] || '';
}

/** The port by which a Service is an east-west gateway; undefined where it is none (Istio: network.go getGatewayDetails). */
export function eastWestPort({ metadata: { labels = {} }, spec }: KubeObject): number | undefined {
  if (!labels[NETWORK_LABEL]) return undefined;
  const port = Number(labels[PORT_LABEL] ?? DEFAULT_PORT);
  return objects(object(spec).ports).some((one) => one.port === port) ? port : undefined;
}

/** The addresses by which a Service of a cluster is an east-west gateway; a host name, which istiod resolves, is one (Istio: conversion.go). */
export function gatewaysOf(cluster: string, service: KubeObject): NetworkGateway[] {
  const port = eastWestPort(service);
  const network = service.metadata.labels?.[NETWORK_LABEL] ?? '';
  if (port === undefined) return [];
  const { type, externalIPs } = object(service.spec);
  const balanced = type === 'LoadBalancer' ? objects(object(statusOf(service).loadBalancer).ingress) : [];
  const hosts = balanced.flatMap((one) => text(one.ip) ?? text(one.hostname) ?? []);
  return [...new Set([...hosts, ...strings(externalIPs)])].map((host) => ({
    network,
    cluster,
    address: `${host}:${port}`,
  }));
}

function statusOf({ status }: KubeObject): JsonObject {
  return object(status);
}
