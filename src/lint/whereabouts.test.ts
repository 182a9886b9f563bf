import { expect } from 'chai';
import { lint } from './lint.ts';
import { FAULTY } from './testing/faulty-cases.ts';
import { drill, Mesh } from './testing/mesh.ts';
import { OTHERS } from './testing/other-cases.ts';
import { placeOf, placesOf, zonesText } from './whereabouts.ts';

/** Nothing where a place should be. */
const BLANK = /\bin [,.:(]|, ,|, [.:)]|\( ?,|(^|[ ,(])\/z\b|\/([ ,.:)]|$)|^[ ,]| {2}|\bhas has\b/;
const LOST = [
  { region: '', zone: '' },
  { region: '', zone: 'z' },
  { region: 'r', zone: '' },
];

describe('where pods are, in words', () => {
  for (const [locality, text] of [
    [{ region: 'r', zone: 'z' }, 'r/z'],
    [{ region: 'r', zone: '' }, 'an unknown zone of r'],
    [{ region: '', zone: 'z' }, 'z of an unknown region'],
    [{ region: '', zone: '' }, 'an unknown zone'],
  ] as const) {
    it(`is ${text}`, () => expect(placeOf({ ...locality, subzone: '' })).to.equal(text));
  }

  it('has each zone once, the unknown one last', () => {
    expect(zonesText(['b', '', 'a', 'b', ''])).to.equal('a, b, an unknown zone');
    expect(placesOf(new Mesh().pods)).to.have.length(4);
  });

  it('is in every text of lint, whatever nodes do not say', () => {
    const edits = [...FAULTY, ...OTHERS].map(({ edit }) => edit);
    const texts = edits.flatMap((edit) =>
      LOST.flatMap((place) => ['gateway', ''].flatMap((who) => saidOf(edit, place, who))),
    );
    expect([...new Set(texts)].filter((text) => BLANK.test(text))).to.deep.equal([]);
    expect(texts.filter((text) => text.includes('an unknown zone'))).to.have.length.above(0);
  });
});

/** All texts of lint about a mesh, where some pods are in a place. */
function saidOf(edit: (mesh: Mesh) => void, place: (typeof LOST)[number], who: string): string[] {
  const mesh = new Mesh({ networks: true });
  edit(mesh);
  const address = { kind: 'url' as const, protocol: 'http' as const, host: 'a', port: 80 };
  const gateways = [{ zone: 'y', address }];
  mesh.target = { ...mesh.target, clusters: mesh.target.clusters.map((one) => ({ ...one, region: 'x', gateways })) };
  mesh.edit(who, (pod) => {
    pod.locality = { ...place, subzone: '' };
  });
  return [undefined, drill()].flatMap((scenario) => {
    const { findings, untold } = lint(mesh.system(scenario));
    return [...findings.flatMap(({ what, change, field }) => [what, change, field]), ...untold];
  });
}
