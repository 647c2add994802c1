// Writes src/lib/schema.d.ts from the OpenAPI document of a server: `node tools/schema.mjs http://127.0.0.1:8080`.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

export const FILE = fileURLToPath(new URL('../src/lib/schema.d.ts', import.meta.url));

/** What the app relies on: paths, what they take and what they give. Refusals are one shape (lib/problem.ts), headers are lib/transport.ts. */
function pruned(document) {
  const kept = structuredClone(document);
  for (const doors of Object.values(kept.paths)) {
    for (const door of Object.values(doors)) {
      door.responses = Object.fromEntries(Object.entries(door.responses).filter(([status]) => status.startsWith('2')));
      for (const answer of Object.values(door.responses)) delete answer.headers;
      door.parameters = (door.parameters ?? []).filter((one) => one.in !== 'header');
    }
  }
  return kept;
}

/** The types of a document, as text. */
export async function types(document) {
  const text = astToString(await openapiTS(pruned(document), { defaultNonNullable: false }));
  return `// Made by tools/schema.mjs from the OpenAPI document of the server; not written by hand.\n\n${text}`;
}

export async function fetched(server) {
  const answer = await fetch(`${server}/api/v1/openapi.json`);
  if (!answer.ok) throw new Error(`${server} answers ${answer.status} for its OpenAPI document`);
  return answer.json();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = process.argv[2];
  if (!server) throw new Error('usage: node tools/schema.mjs http://127.0.0.1:8080');
  writeFileSync(FILE, await types(await fetched(server)));
}
