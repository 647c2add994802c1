// The design tokens of the web (adapters/web/assets/scss/10-tokens.scss) with a city's two colours, as WXSS variables.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as sass from 'sass';

const SOURCE = fileURLToPath(new URL('../../web/assets/scss/10-tokens.scss', import.meta.url));
const COLOURS = [
  'brand', 'brand-deep', 'brand-tint', 'brand-line', 'accent', 'accent-deep', 'ink', 'ink-2', 'ink-3', 'control', 'line', 'page', 'white',
  'success', 'success-tint', 'warning', 'warning-tint', 'danger', 'danger-tint', 'info', 'info-tint', 'neutral', 'neutral-tint',
];

const two = (channel) => Math.round(channel).toString(16).padStart(2, '0').toUpperCase();

/** Any colour that Sass writes, as #RRGGBB: old WebViews know nothing newer. */
function hex(colour) {
  const rgb = colour.toSpace('rgb');
  return `#${['red', 'green', 'blue'].map((name) => two(rgb.channel(name))).join('')}`;
}

/** Name → value. */
export function tokens({ brand, accent }) {
  const found = {};
  const keep = { 'keep($name, $colour)': ([name, colour]) => {
    found[name.assertString().text] = hex(colour.assertColor());
    return sass.sassNull;
  } };
  const calls = COLOURS.map((name) => `$_: keep("${name}", $${name});`).join('\n');
  const text = `$brand: ${brand};\n$accent: ${accent};\n${readFileSync(SOURCE, 'utf8')}\n${calls}\npage { font: $font; }`;
  const { css } = sass.compileString(text, { functions: keep, silenceDeprecations: ['global-builtin', 'color-functions'] });
  found.font = /font: ([^;]+);/.exec(css)[1];
  return found;
}

export function wxss(found) {
  const lines = Object.entries(found).map(([name, value]) => `  --${name}: ${value};`);
  return `/* Made from the tokens of the web; not written by hand. */\npage {\n${lines.join('\n')}\n}\n`;
}
