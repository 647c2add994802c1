'use strict';
// The compiled style sheet against IE 11 and Chrome 49, and against the guide's scale.

const config = {
  plugins: ['stylelint-no-unsupported-browser-features'],
  rules: {
    'plugin/no-unsupported-browser-features': [
      true,
      {
        browsers: ['ie 11', 'chrome 49'],
        ignorePartialSupport: true,
        // False alarms and pure additions: underline, tabular figures, reduced motion, textarea resizing,
        // native look of controls (IE 11 is served by ::-ms-expand).
        ignore: ['css-appearance', 'text-decoration', 'mdn-text-decoration-shorthand', 'font-variant-numeric', 'prefers-reduced-motion', 'css-resize', 'css-touch-action'],
      },
    ],
    'property-disallowed-list': [
      ['inset', 'aspect-ratio', 'accent-color', 'gap', 'row-gap', 'column-gap', 'object-fit', 'clip-path', '/^--/', '/^grid/', '/-inline/', '/-block/'],
    ],
    'declaration-property-value-disallowed-list': {
      display: ['/grid/', 'contents'],
      position: ['sticky', '-webkit-sticky'],
      '/.*/': ['/\\b(min|max|clamp)\\(/', '/var\\(/', '/#[0-9a-f]{8}\\b/i', '/#[0-9a-f]{4}\\b/i'],
    },
    'function-url-no-scheme-relative': true,
    'selector-pseudo-class-disallowed-list': ['is', 'where', 'has', 'focus-within', 'focus-visible'],
    'at-rule-disallowed-list': ['supports', 'import', 'font-face', 'container', 'layer'],
  },
};

async function lint(code) {
  const { default: stylelint } = await import('stylelint');
  const answer = await stylelint.lint({ code, config });
  return answer.results.flatMap((result) =>
    result.warnings.map((warning) => `${warning.line}:${warning.column} ${warning.text}`),
  );
}

// Space is 4, 8, 12, 16, 24, 32, 48 or 64 px (as rem of 16 px) and nothing between.
const SCALE = new Set([0, 4, 8, 12, 16, 24, 32, 48, 64]);

function offScale(code) {
  const found = [];
  const screen = code.replace(/@media print\{.*$/s, '');
  for (const match of screen.matchAll(/(?:^|[;{])((?:margin|padding)(?:-[a-z]+)?):([^;}]+)/g)) {
    for (const length of match[2].matchAll(/(?<![\w.])-?(\d*\.?\d+)(rem|px)/g)) {
      const pixels = Number(length[1]) * (length[2] === 'rem' ? 16 : 1);
      // Hairlines of 1 px and indents that keep room for a label column are not spacing.
      if (!SCALE.has(pixels) && pixels !== 1 && pixels !== 128) {
        found.push(`${match[1]}: ${match[2]}`);
      }
    }
  }
  return found;
}

module.exports = { lint, offScale };
