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
  K,
  OUTLIER,
  routes,
  rule,
  show,
  spread,
} from './field-cases.ts';
import { badOf, zonesOf } from './target.ts';

/** DestinationRules: which holds for whom, and what it does. */
export const RULE_CASES: readonly FieldCase[] = [
  {
    name: '03 failoverPriority over labels of topology orders zone, region and the rest',
    run: async (stage) => {
      const labels =
        'topology.istio.io/network, topology.kubernetes.io/region, topology.kubernetes.io/zone, topology.istio.io/subzone';
      const loadBalancer = `loadBalancer: { localityLbSetting: { enabled: true, failoverPriority: [${labels}] } }`;
      await apply(stage, rule(`trafficPolicy: { ${loadBalancer}, outlierDetection: ${OUTLIER} }`));
      await home(stage);
      await breakDown(stage, 'mockb', A);
      await failedOver(stage, A, B);
      await breakDown(stage, 'mockb', B);
      const replies = await stage.target.ask(A, COUNT);
      expect(badOf(replies), show(replies)).to.be.within(0, 4);
      spread(replies, 'mockb', [H, K]);
    },
  },
  {
    name: '04 a subset is a cluster of its own: its only endpoint serves all, and nothing takes over',
    run: async (stage) => {
      const subsets = `subsets: [{ name: current, labels: { version: ${A} } }, { name: previous, labels: { version: ${B} } }]`;
      await apply(stage, rule(`trafficPolicy: { outlierDetection: ${OUTLIER} }, ${subsets}`));
      await apply(
        stage,
        routes(
          '[{ match: [{ headers: { x-release: { exact: previous } } }], route: [{ destination: { host: mockb, subset: previous } }] }, { route: [{ destination: { host: mockb, subset: current } }] }]',
        ),
      );
      for (const zone of [A, B, H]) {
        expect(zonesOf(await stage.target.ask(zone, COUNT), 'mockb'), zone).to.deep.equal({ [A]: COUNT });
      }
      await breakDown(stage, 'mockb', A);
      for (const zone of [A, B, H]) {
        const replies = await stage.target.ask(zone, COUNT);
        const unhealthy = replies.filter(({ status, text }) => status === 200 && text.endsWith('no healthy upstream'));
        expect(unhealthy.length, show(replies)).to.be.at.least(COUNT - 3);
        expect(badOf(replies)).to.equal(COUNT);
      }
    },
  },
  {
    name: '05 outlier detection that stands at a subset holds for it',
    run: async (stage) => {
      const trafficPolicy = `trafficPolicy: { outlierDetection: ${OUTLIER} }`;
      await apply(stage, rule(`subsets: [{ name: all, labels: { app: mockb }, ${trafficPolicy} }]`));
      await apply(stage, routes('[{ route: [{ destination: { host: mockb, subset: all } }] }]'));
      await home(stage);
      await breakDown(stage, 'mockb', A);
      await failedOver(stage, A, B);
    },
  },
  {
    name: "06 a rule for the whole mesh does not hide the service's own from gateways of the root namespace",
    run: async (stage) => {
      const pool = 'trafficPolicy: { connectionPool: { tcp: { connectTimeout: 3s } } }';
      await apply(stage, rule(pool, { name: 'everything', namespace: 'istio-system', host: '*.local' }));
      await home(stage, 'mocka');
      await breakDown(stage, 'mocka', A);
      await failedOver(stage, A, B, 'mocka');
    },
  },
  {
    name: '07 a rule that is exported to its own namespace says nothing to gateways of another',
    run: async (stage) => {
      const options = { name: 'mocka', host: 'mocka' };
      await apply(stage, rule(`exportTo: ["."], trafficPolicy: { outlierDetection: ${OUTLIER} }`, options));
      spread(await stage.target.ask(A, 2 * COUNT, { atOnce: 2 }), 'mocka');
      await breakDown(stage, 'mocka', A);
      for (const which of ['first', 'again']) {
        const replies = await stage.target.ask(A, 2 * COUNT);
        expect(replies.filter(({ status }) => status === 503).length, which).to.be.at.least(4);
      }
    },
  },
  {
    name: '08 the most specific host wins, whatever the rules are called',
    run: async (stage) => {
      const pool = 'trafficPolicy: { connectionPool: { tcp: { connectTimeout: 3s } } }';
      await apply(stage, rule(pool, { name: 'default-for-all', host: '*.default.svc.cluster.local' }));
      await home(stage);
    },
  },
  {
    name: '09 a tenth of four hosts is none: nothing is ejected, and every call fails',
    run: async (stage) => {
      await apply(
        stage,
        rule('trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3, interval: 10s, baseEjectionTime: 1m } }'),
      );
      await breakDown(stage, 'mockb', A);
      expect(badOf(await stage.target.ask(A, COUNT))).to.equal(COUNT);
    },
  },
  {
    name: '15 the older of two rules for a host keeps its policy, the later one adds subsets',
    run: async (stage) => {
      const later =
        'trafficPolicy: { connectionPool: { tcp: { connectTimeout: 3s } } }, subsets: [{ name: canary, labels: { track: canary } }]';
      await apply(stage, rule(later, { name: 'a-pool', host: 'mockb.default.svc.cluster.local' }));
      await home(stage);
      await apply(stage, routes('[{ route: [{ destination: { host: mockb, subset: canary } }] }]'));
      const replies = await stage.target.ask(A, COUNT);
      expect(
        replies.every(({ text }) => text.endsWith('no healthy upstream')),
        show(replies),
      ).to.equal(true);
    },
  },
  {
    name: 'a rule for chosen workloads holds alone for them, however old the one for all is',
    run: async (stage) => {
      const far =
        'loadBalancer: { localityLbSetting: { failoverPriority: [topology.kubernetes.io/region=cn-hangzhou] } }';
      await apply(stage, rule(`trafficPolicy: { outlierDetection: ${OUTLIER} }`));
      await home(stage);
      await apply(
        stage,
        rule(
          `workloadSelector: { matchLabels: { app: mocka, version: ${A} } }, trafficPolicy: { ${far}, outlierDetection: ${OUTLIER} }`,
          { name: 'mockb-for-one' },
        ),
      );
      const replies = await stage.target.ask(A, COUNT);
      expect(badOf(replies), show(replies)).to.equal(0);
      expect(
        Object.keys(zonesOf(replies, 'mockb')).every((zone) => [H, K].includes(zone)),
        show(replies),
      ).to.equal(true);
      await home(stage, 'mockb', [B]);
    },
  },
  {
    name: '23 settings of a port hold for it alone',
    run: async (stage) => {
      const ports = `portLevelSettings: [{ port: { number: 9090 }, connectionPool: { tcp: { connectTimeout: 1s } } }, { port: { number: 8000 }, outlierDetection: ${OUTLIER} }]`;
      await apply(stage, rule(`trafficPolicy: { connectionPool: { tcp: { connectTimeout: 2s } }, ${ports} }`));
      await home(stage);
      await apply(
        stage,
        rule(
          `trafficPolicy: { outlierDetection: ${OUTLIER}, portLevelSettings: [{ port: { number: 8000 }, connectionPool: { tcp: { connectTimeout: 1s } } }] }`,
        ),
      );
      spread(await stage.target.ask(A, 2 * COUNT, { atOnce: 2 }), 'mockb');
    },
  },
  {
    name: '35 each of three dead pods costs a caller one error',
    run: async (stage) => {
      await stage.changes.scale('tokyo', `mockb-${A}`, 3);
      await breakDown(stage, 'mockb', A);
      const replies = await stage.target.ask(A, COUNT);
      expect(badOf(replies), show(replies)).to.be.within(2, 5);
      expect(zonesOf(replies.slice(-20), 'mockb'), show(replies)).to.deep.equal({ [B]: 20 });
    },
  },
  {
    name: '40 a zone is the same in both clusters, unless the cluster comes first',
    run: async (stage) => {
      const { changes, target } = stage;
      await Promise.all(
        [
          [H, A],
          [K, B],
        ].map(([own, as]) =>
          changes.labelPods('hangzhou', `mockb-${own}`, { 'istio-locality': `ap-northeast-1.${as}` }),
        ),
      );
      await target.settle();
      const shared = await target.ask(A, COUNT);
      for (const zone of [A, H]) expect(zonesOf(shared, 'mockb')[zone] ?? 0, show(shared)).to.be.within(8, 32);
      expect(badOf(shared)).to.equal(0);
      const labels = 'topology.istio.io/cluster, topology.kubernetes.io/region, topology.kubernetes.io/zone';
      const loadBalancer = `loadBalancer: { localityLbSetting: { failoverPriority: [${labels}] } }`;
      await apply(stage, rule(`trafficPolicy: { ${loadBalancer}, outlierDetection: ${OUTLIER} }`));
      await home(stage, 'mockb', [A, B]);
      await breakDown(stage, 'mockb', A);
      await failedOver(stage, A, B);
    },
  },
  {
    name: '42 own labels come before places, and no label equals no label',
    run: async (stage) => {
      const { changes, target } = stage;
      const front = { 'shop.example/tier': 'front' };
      await Promise.all([
        ...[A, B].map((zone) => changes.labelPods('tokyo', `mocka-${zone}`, front)),
        ...[H, K].map((zone) => changes.labelPods('hangzhou', `mockb-${zone}`, front)),
      ]);
      const loadBalancer =
        'loadBalancer: { localityLbSetting: { failoverPriority: [shop.example/tier, shop.example/rack] } }';
      await apply(stage, rule(`trafficPolicy: { ${loadBalancer}, outlierDetection: ${OUTLIER} }`));
      for (const [zone, away] of [
        [A, [H, K]],
        [H, [A, B]],
      ] as const) {
        const replies = await target.ask(zone, COUNT);
        const counts = zonesOf(replies, 'mockb');
        for (const other of away) expect(counts[other] ?? 0, show(replies)).to.be.within(COUNT / 2 - 3, COUNT / 2 + 3);
      }
    },
  },
  {
    name: '43 a rule in a third namespace holds for nobody, in the root namespace for all',
    run: async (stage) => {
      const policy = `exportTo: ["*"], trafficPolicy: { outlierDetection: ${OUTLIER} }`;
      const elsewhere = (namespace: string) =>
        rule(policy, { name: 'mockb-elsewhere', namespace, host: 'mockb.default.svc.cluster.local' });
      await stage.changes.apply('{ apiVersion: v1, kind: Namespace, metadata: { name: platform } }');
      await apply(
        stage,
        rule('trafficPolicy: { connectionPool: { tcp: { connectTimeout: 9s } } }', { host: 'nobody' }),
      );
      await apply(stage, elsewhere('platform'));
      spread(await stage.target.ask(A, 2 * COUNT, { atOnce: 2 }), 'mockb');
      await apply(stage, elsewhere('istio-system'));
      await home(stage);
    },
  },
];
