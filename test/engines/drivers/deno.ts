import { type Engine, installed, local } from './engine.js';

export const DENO: Engine = {
  name: 'deno',
  title: 'Deno',
  candidates: [installed('@deno/linux-x64-glibc/deno')],
  command: (executable, url, folder) => ({
    executable,
    arguments: [
      ...['run', '--quiet', '--no-config', '--no-lock', '--allow-net'],
      ...[local('hosts/command.js'), url, 'deno'],
    ],
    environment: { DENO_DIR: folder, DENO_NO_UPDATE_CHECK: '1' },
  }),
};
