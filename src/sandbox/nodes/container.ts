import type { Millis } from '../../model/units.ts';
import type { JsonMap } from '../api/json.ts';
import { listOf, mapOf, mapsOf, stringOf } from '../api/json.ts';

/**
 * What a container does in the sandbox: the mock service, the ingress gateway, istiod, something that runs and listens
 * nowhere, something that calls a URL again and again, something that has done its work at once, or something that fails
 * at once and is restarted forever.
 */
export type Program = 'mock' | 'gateway' | 'istiod' | 'idle' | 'caller' | 'done' | 'crash';

const FAILING = /(^|\/)false$|\bexit [1-9]/;
const DONE = /^(.*\/)?true$/;

/** Decided by image and command, as in a real container: a command of its own replaces what the image would run. */
export function programOf(container: JsonMap): Program {
  const image = stringOf(container.image);
  const command = [...listOf(container.command), ...listOf(container.args)].map(String);
  if (image.includes('crash') || command.some((word) => FAILING.test(word))) return 'crash';
  if (command.some((word) => DONE.test(word))) return 'done';
  if (callOf(container) !== undefined) return 'caller';
  if (listOf(container.command).length > 0) return 'idle';
  if (/^auto$|proxyv2|istio-proxy|gateway/.test(image)) return 'gateway';
  if (/(^|\/)pilot(:|@|$)/.test(image)) return 'istiod';
  return image.includes('mock') ? 'mock' : 'idle';
}

/** Whether a container would run what its image brings, and nothing is known here of that. */
export function isUnknownImage(container: JsonMap): boolean {
  return listOf(container.command).length === 0 && programOf(container) === 'idle';
}

/** What a loop with curl calls: the URL, and the pause between two calls. */
export type Call = { readonly url: string; readonly everyMs: Millis };

/** The call of a container whose command is a shell's loop with curl and sleep: `while true; do curl -s URL; sleep 1; done`. */
export function callOf(container: JsonMap): Call | undefined {
  const script = [...listOf(container.command), ...listOf(container.args)].map(String).join(' ');
  const url = /\bwhile\b.*\bcurl\b.*?(http:\/\/[^\s;"']+)/.exec(script)?.[1];
  if (url === undefined) return undefined;
  return { url, everyMs: Number(/\bsleep (\d+(?:\.\d+)?)/.exec(script)?.[1] ?? 1) * 1000 };
}

/** The plain `name: value` part of a container's environment. */
export function environmentOf(container: JsonMap): Readonly<Record<string, string>> {
  return Object.fromEntries(mapsOf(container.env).map((entry) => [stringOf(entry.name), stringOf(entry.value)]));
}

/** Ports that other pods reach: the declared ones, 8000 when none is declared (a sidecar accepts any). */
export function portsOf(container: JsonMap): number[] {
  const declared = mapsOf(container.ports).map((port) => Number(port.containerPort));
  return declared.length > 0 ? declared : [8000];
}

/** Seconds of a `preStop` sleep hook. */
export function preStopSeconds(container: JsonMap): number {
  const seconds = mapOf(mapOf(mapOf(container.lifecycle).preStop).sleep).seconds;
  return typeof seconds === 'number' ? seconds : 0;
}

/** A port given by number or by the name of a declared one. */
export function portNumber(container: JsonMap, port: unknown): number {
  return Number(mapsOf(container.ports).find((entry) => entry.name === port)?.containerPort ?? port);
}
