import { createServer, type Server } from 'node:net';

/** Where something can be connected to. */
export type SocketAddress = { readonly host: string; readonly port: number };

/**
 * Which addresses pods and gateways have. `per-zone` gives every pod and every gateway zone a real loopback address of
 * its own (Linux); `single` puts everything on 127.0.0.1 with ports of its own, and a pod IP is only a name (macOS).
 */
export type AddressPlan = {
  readonly kind: 'per-zone' | 'single';
  /** A pod IP that was not in use for thousands of pods. */
  nextPodIp(zoneNumber: number): string;
  /** Address of a zone's load balancer. */
  zoneIp(zoneNumber: number): string;
  /** Address of an east-west gateway in the block of a zone, where it has several the one of this index; there are 8. */
  eastWestIp(zoneNumber: number, index: number): string;
  readonly zonePort: number;
  /** Listens for `ip:port` and returns where that really is. */
  listen(server: Server, ip: string, port: number): Promise<SocketAddress>;
  /** Where `ip:port` is reached; undefined when nothing listens there and nothing could answer. */
  locate(ip: string, port: number): SocketAddress | undefined;
  close(): Promise<void>;
};

const FIRST_BLOCK = 30;
const LAST_BLOCK = 250;
/** Below the pods. */
const FIRST_EAST_WEST = 2;
const POD_PORT = 8000;
const GATEDEFAULT_PORTS = { first: 8080, last: 8099 };

/** Claims a block 127.x of addresses that no other sandbox on this machine uses; falls back to `single` when there is none. */
export async function claimAddresses(kind: 'per-zone' | 'single'): Promise<AddressPlan> {
  if (kind === 'single') return singlePlan();
  for (let block = FIRST_BLOCK; block <= LAST_BLOCK; block += 1) {
    const pods = await tryListen(`127.${block}.0.1`, POD_PORT);
    if (pods === undefined) continue;
    for (let port = GATEDEFAULT_PORTS.first; port <= GATEDEFAULT_PORTS.last; port += 1) {
      const gateways = await tryListen(`127.${block}.0.1`, port);
      if (gateways !== undefined) return perZonePlan(block, port, [pods, gateways]);
    }
    await closeServer(pods);
  }
  return singlePlan();
}

function perZonePlan(block: number, zonePort: number, claims: readonly Server[]): AddressPlan {
  const next = podNumbers();
  return {
    kind: 'per-zone',
    zonePort,
    nextPodIp: (zone) => {
      const { high, low } = next(zone);
      return `127.${block}.${high}.${low}`;
    },
    zoneIp: (zone) => `127.${block}.${zone}.1`,
    eastWestIp: (zone, index) => `127.${block}.${zone}.${FIRST_EAST_WEST + index}`,
    listen: async (server, host, port) => {
      await listening(server, host, port);
      return { host, port };
    },
    locate: (host, port) => ({ host, port }),
    close: async () => {
      await Promise.all(claims.map(closeServer));
    },
  };
}

const LOOPBACK = '127.0.0.1';

function singlePlan(): AddressPlan {
  const next = podNumbers();
  const places = new Map<string, SocketAddress>();
  /** An address that opens again keeps its port: a targets file may name it. */
  const ports = new Map<string, number>();
  return {
    kind: 'single',
    zonePort: GATEDEFAULT_PORTS.first,
    nextPodIp: (zone) => {
      const { high, low } = next(zone);
      return `10.${FIRST_BLOCK}.${high}.${low}`;
    },
    zoneIp: (zone) => `10.${FIRST_BLOCK}.${zone}.1`,
    eastWestIp: (zone, index) => `10.${FIRST_BLOCK}.${zone}.${FIRST_EAST_WEST + index}`,
    listen: async (server, ip, port) => {
      const name = `${ip}:${port}`;
      const place = { host: LOOPBACK, port: await listening(server, LOOPBACK, ports.get(name) ?? 0) };
      ports.set(name, place.port);
      places.set(name, place);
      server.once('close', () => places.delete(name));
      return place;
    },
    locate: (ip, port) => places.get(`${ip}:${port}`),
    close: async () => {},
  };
}

const LOWEST_POD = 10;
const PODS_PER_BLOCK = 240;
const ZONES = 8;

/** Counts pods by zone: 240 addresses in x.<zone>.*, then x.<zone + 8>.* and so on, about 7000 before one comes again. */
function podNumbers(): (zone: number) => { high: number; low: number } {
  const started = new Map<number, number>();
  return (zone) => {
    const number = started.get(zone) ?? 0;
    started.set(zone, number + 1);
    const row = Math.floor(number / PODS_PER_BLOCK) % 30;
    return { high: zone + ZONES * row, low: LOWEST_POD + (number % PODS_PER_BLOCK) };
  };
}

async function tryListen(host: string, port: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    await listening(server, host, port);
    return server;
  } catch {
    return undefined;
  }
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
