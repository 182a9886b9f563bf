import { expect } from 'chai';
import type { Json } from '../model/scenario.ts';
import { type RouteOrigin, type RouteRequest, routeMatches } from './route-match.ts';

const REQUEST: RouteRequest = { host: 'web:80', path: '/Shop/x?colour=red', method: 'GET', headers: { 'x-test': '1' } };
const ORIGIN: RouteOrigin = {
  caller: { namespace: 'default', labels: { app: 'mocka', version: 'a' } },
  gateways: ['mesh'],
  port: 8000,
};

const matches = (entry: { [key: string]: Json }, origin = ORIGIN): boolean =>
  routeMatches({ match: [entry] }, REQUEST, origin);

describe('conditions of a route', () => {
  const TRUE: readonly (readonly [string, { [key: string]: Json }])[] = [
    ['a prefix of the path', { uri: { prefix: '/Shop' } }],
    ['the path without its query', { uri: { exact: '/Shop/x' } }],
    ['a path whatever its case', { uri: { prefix: '/shop' }, ignoreUriCase: true }],
    ['a method', { method: { exact: 'GET' } }],
    ['a scheme', { scheme: { exact: 'http' } }],
    ['a header', { headers: { 'X-Test': { exact: '1' } } }],
    ['a header that is there', { headers: { 'x-test': {} } }],
    ['a header that is not there', { withoutHeaders: { 'x-other': {} } }],
    ['a parameter', { queryParams: { colour: { exact: 'red' } } }],
    ['the port of the Service', { port: 8000 }],
    ['labels of the caller', { sourceLabels: { app: 'mocka', version: 'a' } }],
    ['the namespace of the caller', { sourceNamespace: 'default' }],
    ['the mesh', { gateways: ['mesh', 'other'] }],
    ['a gateway, whatever the labels', { gateways: ['mesh'], sourceLabels: { app: 'other' } }],
  ];
  for (const [what, entry] of TRUE) it(`match ${what}`, () => expect(matches(entry)).to.equal(true));

  const FALSE: readonly (readonly [string, { [key: string]: Json }])[] = [
    ['another path', { uri: { prefix: '/shop' } }],
    ['another method', { method: { exact: 'POST' } }],
    ['another scheme', { scheme: { exact: 'https' } }],
    ['a header that is not there', { headers: { 'x-other': {} } }],
    ['without a header that is there', { withoutHeaders: { 'x-test': { exact: '1' } } }],
    ['another parameter', { queryParams: { colour: { exact: 'blue' } } }],
    ['another port', { port: 9090 }],
    ['labels the caller has not', { sourceLabels: { version: 'b' } }],
    ['another namespace', { sourceNamespace: 'shop' }],
    ['a gateway', { gateways: ['istio-system/ingress'] }],
    ['one of two conditions', { port: 8000, sourceNamespace: 'shop' }],
  ];
  for (const [what, entry] of FALSE) it(`do not match ${what}`, () => expect(matches(entry)).to.equal(false));

  it('match nothing when one of them is not understood', () => {
    expect(matches({ uri: { prefix: '/Shop' }, moonPhase: 'full' })).to.equal(false);
  });

  it('are alternatives, and none of them is always', () => {
    expect(routeMatches({ match: [{ port: 1 }, { port: 8000 }] }, REQUEST, ORIGIN)).to.equal(true);
    expect(routeMatches({}, REQUEST, ORIGIN)).to.equal(true);
  });
});
