// Every file below a folder, by its path inside.

import { readdirSync } from 'node:fs';
import path from 'node:path';

export function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}
