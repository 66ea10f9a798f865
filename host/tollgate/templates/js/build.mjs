// Builds dist/{{name}}.wasm: the sources, the engine that runs them, and nothing of WASI.

import { mkdir, writeFile } from 'node:fs/promises';
import { componentize } from '@bytecodealliance/componentize-js';

const { component } = await componentize({
  sourcePath: 'src/plugin.js',
  witPath: 'wit',
  worldName: 'plugin',
  // A plugin has no clock, no randomness, no console and no network, so that the component shall not import them either.
  disableFeatures: ['clocks', 'fetch-event', 'http', 'random', 'stdio'],
});
await mkdir('dist', { recursive: true });
await writeFile('dist/{{name}}.wasm', component);
