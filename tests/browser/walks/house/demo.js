'use strict';
// Who is who in the demonstration, read from its own files.

const fs = require('node:fs');
const path = require('node:path');
const { root } = require('./server');

// The entries of one kind: their key, name and phone are all that is asked.
function entries(file, kind) {
  const text = fs.readFileSync(path.join(root, 'tenants/demo/cangzhou', file), 'utf8');
  return text.split(/^\[\[/m).filter((part) => part.startsWith(`${kind}]]`)).map((part) =>
    Object.fromEntries([...part.matchAll(/^(\w+) = "([^"]*)"$/gm)].map((found) => [found[1], found[2]])));
}

const branches = entries('institutions.toml', 'institutions.branches');
const enterprises = entries('enterprises.toml', 'enterprises');

// The key of the branch that the text names, which its staff's sign-ins begin with.
const branch = (text) => branches.find((one) => text.includes(one.name)).key;

// The sign-in of the owner of the enterprise that the text names.
const phone = (text) => enterprises.find((one) => text.includes(one.name)).phone;

module.exports = { branch, phone };
