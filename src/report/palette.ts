/**
 * The colours of the report, light beside dark. Hue says region, lightness says zone; pass, fail and inconclusive also
 * differ in word and shape. The contrasts are computed in palette.test.ts.
 */
export const PALETTE = {
  bg: ['#ffffff', '#11151b'],
  surface: ['#f4f6f8', '#1a2028'],
  rule: ['#d3d9e0', '#343d49'],
  text: ['#17202b', '#e8edf3'],
  muted: ['#4b5766', '#aab5c2'],
  link: ['#0b55ad', '#82bbff'],
  pass: ['#00684d', '#4ccfa2'],
  fail: ['#b3241c', '#ff8d7f'],
  inconclusive: ['#765400', '#f0be5c'],
  passTint: ['#e4f3ed', '#12302a'],
  failTint: ['#fdecea', '#3a1d1c'],
  inconclusiveTint: ['#faf0da', '#33290f'],
  band: ['#f6e3c8', '#372c1b'],
  bandEdge: ['#8a5100', '#d99a3d'],
  grid: ['#dfe4ea', '#2b333e'],
  guide: ['#3d4855', '#b9c4d0'],
  neutral: ['#76818e', '#8e99a6'],
  phaseA: ['#dde3ea', '#2c3643'],
  phaseB: ['#c6d0db', '#3d4a5a'],
  z00: ['#1c5aa0', '#8fc3f7'],
  z01: ['#4a8fd0', '#4a8ccb'],
  z02: ['#0c3565', '#c4e0ff'],
  z10: ['#9a5200', '#f3b664'],
  z11: ['#c97d1e', '#c07c26'],
  z12: ['#653600', '#ffdcab'],
  z20: ['#73389a', '#d6acf0'],
  z21: ['#a26fc6', '#a073c3'],
  z22: ['#4a2068', '#eed6fc'],
  other: ['#697480', '#9ba6b2'],
} as const satisfies Readonly<Record<string, readonly [light: string, dark: string]>>;

export type Ink = keyof typeof PALETTE;

export const INKS = Object.keys(PALETTE) as readonly Ink[];

/** The colours of zones, region by region. */
export const ZONE_INKS = [
  ['z00', 'z01', 'z02'],
  ['z10', 'z11', 'z12'],
  ['z20', 'z21', 'z22'],
] as const satisfies readonly (readonly Ink[])[];

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The contrast ratio of two colours as WCAG 2 defines it. */
export function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}
