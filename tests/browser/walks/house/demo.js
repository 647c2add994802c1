'use strict';
// Who is who in the demonstration, read from its own files.

const fs = require('node:fs');
const path = require('node:path');
const { root } = require('./server');

// The entries of one kind: their key, name, phone and code are all that is asked.
function entries(file, kind, city = 'cangzhou') {
  const text = fs.readFileSync(path.join(root, 'tenants/demo', city, file), 'utf8');
  return text.split(/^\[\[/m).filter((part) => part.startsWith(`${kind}]]`)).map((part) =>
    Object.fromEntries([...part.matchAll(/^(\w+) = "([^"]*)"$/gm)].map((found) => [found[1], found[2]])));
}

const branches = entries('institutions.toml', 'institutions.branches');
const enterprises = entries('enterprises.toml', 'enterprises');

// The key of the branch that the text names, which its staff's sign-ins begin with.
const branch = (text) => branches.find((one) => text.includes(one.name)).key;

// The sign-in of the owner of the enterprise that the text names.
const phone = (text) => enterprises.find((one) => text.includes(one.name)).phone;

// 统一社会信用代码 of the enterprise with this name in one of the cities.
const creditCode = (name, city) => entries('enterprises.toml', 'enterprises', city).find((one) => one.name === name).credit_code;

module.exports = { branch, creditCode, phone };
