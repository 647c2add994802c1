'use strict';
// ES5 syntax and interfaces that IE 11 and Chrome 49 have.

const acorn = require('acorn');
const walk = require('acorn-walk');
const { Linter } = require('eslint');

// Instance methods of the DOM that linters cannot see by type.
const MISSING = new Set([
  'closest', 'matches', 'append', 'prepend', 'before', 'after', 'replaceWith', 'remove', 'toBlob',
  'toggleAttribute', 'getAttributeNames', 'includes', 'find', 'findIndex', 'startsWith', 'endsWith',
  'padStart', 'padEnd', 'repeat', 'forEach', 'entries', 'flat', 'flatMap', 'finally', 'submitter',
  'requestSubmit', 'reportValidity', 'scrollTo', 'isConnected', 'replaceChildren', 'at', 'fill', 'assign',
]);

// `classList.remove` and `FormData.append` exist everywhere; `node.remove` and `node.append` do not.
// The name `data` is kept for FormData.
function isKnown(node, name) {
  const list = node.object.type === 'MemberExpression' && node.object.property.name === 'classList';
  return list || (name === 'append' && node.object.name === 'data');
}

function denied(source) {
  const found = [];
  const tree = acorn.parse(source, { ecmaVersion: 5, locations: true });
  walk.simple(tree, {
    MemberExpression(node) {
      const name = node.computed ? node.property.value : node.property.name;
      if (MISSING.has(name) && !isKnown(node, name)) {
        found.push(`${node.loc.start.line}: .${name}`);
      }
    },
    CallExpression(node) {
      const callee = node.callee;
      const toggles = callee.type === 'MemberExpression' && callee.property.name === 'toggle';
      if (toggles && node.arguments.length > 1) {
        found.push(`${node.loc.start.line}: classList.toggle with two arguments`);
      }
      if (callee.type === 'Identifier' && (callee.name === 'eval' || callee.name === 'Function')) {
        found.push(`${node.loc.start.line}: ${callee.name}`);
      }
    },
    NewExpression(node) {
      if (['CustomEvent', 'Event', 'MouseEvent', 'Function'].includes(node.callee.name)) {
        found.push(`${node.loc.start.line}: new ${node.callee.name}`);
      }
    },
  });
  return found;
}

function lint(source) {
  const linter = new Linter();
  const compat = require('eslint-plugin-compat');
  const es = require('eslint-plugin-es-x');
  const rules = {};
  for (const [name, rule] of Object.entries(compat.rules)) linter.defineRule(`compat/${name}`, rule);
  for (const [name, rule] of Object.entries(es.rules)) {
    linter.defineRule(`es-x/${name}`, rule);
  }
  const restrict = es.configs['restrict-to-es5'].rules;
  Object.assign(rules, restrict, { 'compat/compat': 'error' });
  return linter
    .verify(source, {
      env: { browser: true },
      parserOptions: { ecmaVersion: 2022 },
      settings: { targets: ['ie 11', 'chrome 49'], lintAllEsApis: true },
      rules,
    })
    .map((message) => `${message.line}: ${message.message} (${message.ruleId})`);
}

module.exports = { denied, lint, parse: (source) => acorn.parse(source, { ecmaVersion: 5 }) };
