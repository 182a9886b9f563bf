import { expect } from 'chai';
import {
  A,
  apply,
  B,
  breakDown,
  COUNT,
  type FieldCase,
  failedOver,
  H,
  home,
  OUTLIER,
  routes,
  rule,
  show,
  spread,
  withFreshCallers,
  ZONES,
} from './field-cases.ts';
import { badOf, zonesOf } from './target.ts';

const REGION: Readonly<Record<string, readonly string[]>> = { [A]: [A, B] };
/** Far longer than two answers take that are not late. */
const DELAY_MS = 5_000;
const GATEWAY = 'metadata: { name: mock, namespace: default }';

/** Routes, Services, gateways and settings of the mesh. */
export const ROUTE_CASES: readonly FieldCase[] = [
  {
    name: '10 a destination with weight 0 gets nothing',
    run: async (stage) => {
      await stage.changes.apply(
        '{ apiVersion: v1, kind: Service, metadata: { name: mocka-blue, namespace: default }, spec: { selector: { app: mocka-blue }, ports: [{ name: http, port: 8000, targetPort: 8000 }] } }',
      );
      const route =
        '[{ destination: { host: mocka-blue, port: { number: 8000 } }, weight: 0 }, { destination: { host: mocka, port: { number: 8000 } }, weight: 100 }]';
      await apply(
        stage,
        `{ apiVersion: networking.istio.io/v1, kind: VirtualService, ${GATEWAY}, spec: { hosts: [mock.asm-demo.work], gateways: [mock], http: [{ route: ${route} }] } }`,
      );
      for (const zone of ZONES) expect(badOf(await stage.target.ask(zone, COUNT)), zone).to.equal(0);
    },
  },
  {
    name: '11 a Service that asks for near endpoints gets them, and no failover',
    run: async (stage) => {
      await stage.changes.apply(rule('', {}).replace(', }', ' }'));
      await apply(
        stage,
        '{ apiVersion: v1, kind: Service, metadata: { name: mockb, namespace: default }, spec: { selector: { app: mockb }, trafficDistribution: PreferClose, ports: [{ name: http, port: 8000, targetPort: 8000 }] } }',
      );
      await home(stage);
      await breakDown(stage, 'mockb', A);
      expect(badOf(await stage.target.ask(A, COUNT))).to.equal(COUNT);
    },
  },
  {
    name: '14 retries of server errors hide the first error',
    run: async (stage) => {
      await apply(
        stage,
        routes(
          '[{ retries: { attempts: 3, perTryTimeout: 500ms, retryOn: "5xx,gateway-error,connect-failure,refused-stream" }, timeout: 2s, route: [{ destination: { host: mockb.default.svc.cluster.local } }] }]',
        ),
      );
      await breakDown(stage, 'mockb', A);
      const replies = await stage.target.ask(A, COUNT);
      expect(badOf(replies), show(replies)).to.equal(0);
      expect(zonesOf(replies, 'mockb')).to.deep.equal({ [B]: COUNT });
    },
  },
  {
    name: '16 a headless Service has no localities: one pod, of the cluster of the caller, serves it all',
    run: async (stage) => {
      await withFreshCallers(stage, () =>
        stage.changes.replace(
          '{ apiVersion: v1, kind: Service, metadata: { name: mockb, namespace: default }, spec: { clusterIP: None, selector: { app: mockb }, ports: [{ name: http, port: 8000, targetPort: 8000 }] } }',
        ),
      );
      const replies = await stage.target.ask(A, COUNT);
      const zones = Object.keys(zonesOf(replies, 'mockb'));
      expect(zones, show(replies)).to.have.length(1);
      expect(REGION[A]).to.include(zones[0]);
    },
  },
  {
    name: '21 injected faults are neither retried nor a reason to eject',
    run: async (stage) => {
      await apply(
        stage,
        routes(
          '[{ fault: { abort: { httpStatus: 502, percentage: { value: 50 } } }, retries: { attempts: 10, perTryTimeout: 1s, retryOn: 5xx }, route: [{ destination: { host: mockb } }] }]',
        ),
      );
      const replies = await stage.target.ask(A, 100);
      const aborted = replies.filter(({ text }) => text.endsWith('fault filter abort'));
      expect(aborted.length, show(replies)).to.be.within(30, 70);
      expect(zonesOf(replies, 'mockb'), show(replies)).to.deep.equal({
        [A]: 100 - aborted.length,
        none: aborted.length,
      });
    },
  },
  {
    name: 'a fault that names no percentage hits nobody, and a delay may name it in its older field',
    run: async (stage) => {
      const ask = async (fault: string) => {
        await apply(stage, routes(`[{ fault: ${fault}, route: [{ destination: { host: mockb } }] }]`));
        const begun = performance.now();
        const bad = badOf(await stage.target.ask(A, 2));
        return { bad, isLate: performance.now() - begun > DELAY_MS };
      };
      expect(await ask('{ abort: { httpStatus: 503 } }')).to.deep.equal({ bad: 0, isLate: false });
      const delay = `fixedDelay: ${DELAY_MS}ms`;
      expect(await ask(`{ delay: { ${delay} } }`)).to.deep.equal({ bad: 0, isLate: false });
      expect(await ask(`{ delay: { ${delay}, percent: 100 } }`)).to.include({ isLate: true });
    },
  },
  {
    name: '22 a gateway that redirects to https answers nothing else',
    run: async (stage) => {
      const servers =
        '[{ port: { number: 80, name: http, protocol: HTTP }, hosts: [mock.asm-demo.work], tls: { httpsRedirect: true } }, { port: { number: 443, name: https, protocol: HTTPS }, hosts: [mock.asm-demo.work], tls: { mode: SIMPLE, credentialName: mock-cert } }]';
      await apply(
        stage,
        `{ apiVersion: networking.istio.io/v1, kind: Gateway, ${GATEWAY}, spec: { selector: { istio: ingressgateway }, servers: ${servers} } }`,
      );
      for (const path of ['/mock', '/anything']) {
        const replies = await stage.target.ask(A, 10, { path });
        expect(new Set(replies.map(({ status, location }) => `${status} ${location}`))).to.deep.equal(
          new Set([`301 https://mock.asm-demo.work${path}`]),
        );
      }
    },
  },
  {
    name: '30 MeshConfig may turn locality off for all; ejection goes on',
    run: async (stage) => {
      const before = await stage.target.api('tokyo').call('GET', '/api/v1/namespaces/istio-system/configmaps/istio');
      const { mesh = '' } = (before.body.data ?? {}) as { mesh?: string };
      const data = JSON.stringify({
        ...((before.body.data ?? {}) as object),
        mesh: `${mesh}\nlocalityLbSetting:\n  enabled: false\n`,
      });
      await apply(
        stage,
        `{ apiVersion: v1, kind: ConfigMap, metadata: { name: istio, namespace: istio-system }, data: ${data} }`,
      );
      await stage.target.settle();
      const replies = await stage.target.ask(A, 2 * COUNT, { atOnce: 4 });
      for (const service of ['mocka', 'mockb']) spread(replies, service);
      await breakDown(stage, 'mockb', A);
      await stage.target.ask(A, 2 * COUNT, { atOnce: 4 });
      expect(badOf(await stage.target.ask(A, COUNT))).to.be.within(0, 1);
    },
  },
  {
    name: '32 where routes are written and none matches, the answer is 404 without a body',
    run: async (stage) => {
      await apply(stage, routes('[{ match: [{ uri: { prefix: /api } }], route: [{ destination: { host: mockb } }] }]'));
      const replies = await stage.target.ask(A, COUNT);
      expect(
        new Set(replies.map(({ status, hops, text }) => `${status} ${hops.length} ${text.split(')')[1]}`)),
      ).to.deep.equal(new Set(['200 1 ']));
    },
  },
  {
    name: '37 one connection and one request that waits: more at once is refused',
    run: async (stage) => {
      await apply(
        stage,
        rule(
          'trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1, maxRequestsPerConnection: 1 } } }',
          { name: 'mocka', host: 'mocka' },
        ),
      );
      expect(badOf(await stage.target.ask(A, 60)), 'one at a time').to.equal(0);
      const replies = await stage.target.ask(A, 600, { atOnce: 20 });
      const overflow = replies.filter(({ status, text }) => status === 503 && text.endsWith('reset reason: overflow'));
      expect(overflow.length, show(replies)).to.be.within(360, 599);
      expect(badOf(replies)).to.equal(overflow.length);
    },
  },
  {
    name: '38 what a Sidecar leaves out is no service of the mesh: out of reach, or reached as a stranger',
    run: async (stage) => {
      const sidecar = (mode: string) =>
        `{ apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: { name: mocka, namespace: default }, spec: { workloadSelector: { labels: { app: mocka } }, outboundTrafficPolicy: { mode: ${mode} }, egress: [{ hosts: ["istio-system/*"] }] } }`;
      await stage.changes.labelPods('tokyo', `mocka-${A}`, { fresh: 'yes' });
      await apply(stage, sidecar('REGISTRY_ONLY'));
      const blocked = await stage.target.ask(A, COUNT);
      expect(new Set(blocked.map(({ status, hops }) => `${status} ${hops.length}`)), show(blocked)).to.deep.equal(
        new Set(['200 1']),
      );
      expect(
        blocked.every(({ text }) => text.endsWith(')')),
        show(blocked),
      ).to.equal(true);
      await apply(stage, sidecar('ALLOW_ANY'));
      const passed = await stage.target.ask(A, COUNT);
      expect(badOf(passed), show(passed)).to.equal(0);
      for (const zone of Object.keys(zonesOf(passed, 'mockb'))) expect(REGION[A]).to.include(zone);
    },
  },
  {
    name: 'a Service that speaks bytes has localities, and what takes connections is never ejected',
    run: async (stage) => {
      await withFreshCallers(stage, () =>
        stage.changes.apply(
          '{ apiVersion: v1, kind: Service, metadata: { name: mockb, namespace: default }, spec: { selector: { app: mockb }, ports: [{ name: tcp, port: 8000, targetPort: 8000 }] } }',
        ),
      );
      await home(stage, 'mockb', [A]);
      await breakDown(stage, 'mockb', A);
      const replies = await stage.target.ask(A, COUNT);
      expect(badOf(replies), show(replies)).to.equal(COUNT);
      expect(
        replies.every(({ status, text }) => status === 200 && text.endsWith(')')),
        show(replies),
      ).to.equal(true);
    },
  },
  {
    name: 'sourceLabels narrow a route to the callers that have them',
    run: async (stage) => {
      const abort = 'fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }';
      await apply(
        stage,
        routes(
          `[{ match: [{ sourceLabels: { version: ${A} } }], ${abort}, route: [{ destination: { host: mockb } }] }, { route: [{ destination: { host: mockb } }] }]`,
        ),
      );
      expect(badOf(await stage.target.ask(A, COUNT)), A).to.equal(COUNT);
      expect(badOf(await stage.target.ask(B, COUNT)), B).to.equal(0);
    },
  },
  {
    name: 'a route that is exported to its own namespace, or to another one, holds there alone',
    run: async (stage) => {
      const abort =
        'http: [{ fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }, route: [{ destination: { host: mockb } }] }]';
      const of = (to: string) =>
        `{ apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: { name: mockb, namespace: default }, spec: { hosts: [mockb], exportTo: ["${to}"], ${abort} } }`;
      await apply(stage, of('.'));
      expect(badOf(await stage.target.ask(A, COUNT)), 'its own').to.equal(COUNT);
      await apply(stage, of('istio-system'));
      expect(badOf(await stage.target.ask(A, COUNT)), 'another').to.equal(0);
    },
  },
  {
    name: 'a rule for chosen workloads holds for them alone',
    run: async (stage) => {
      await stage.changes.apply(
        rule('trafficPolicy: { connectionPool: { tcp: { connectTimeout: 9s } } }', { host: 'nobody' }),
      );
      await apply(
        stage,
        rule(`workloadSelector: { matchLabels: { version: ${A} } }, trafficPolicy: { outlierDetection: ${OUTLIER} }`, {
          name: 'mockb-for-one',
        }),
      );
      await home(stage, 'mockb', [A]);
      spread(await stage.target.ask(B, 2 * COUNT, { atOnce: 2 }), 'mockb');
      await breakDown(stage, 'mockb', A);
      await failedOver(stage, A, B);
    },
  },
  {
    name: 'the region of a caller without the service is served by the other one',
    run: async (stage) => {
      await Promise.all([A, B].map((zone) => stage.changes.scale('tokyo', `mockb-${zone}`, 0)));
      await stage.target.settle();
      const replies = await stage.target.ask(A, COUNT);
      expect(badOf(replies), show(replies)).to.equal(0);
      expect(Object.keys(zonesOf(replies, 'mockb')).every((zone) => !REGION[A]?.includes(zone))).to.equal(true);
      expect(zonesOf(await stage.target.ask(H, COUNT), 'mockb')).to.deep.equal({ [H]: COUNT });
    },
  },
];
