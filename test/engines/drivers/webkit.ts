import type { Engine } from './engine.js';

const FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'];

/** WebKitGTK's own small browser, on a virtual display. */
export const WEBKIT: Engine = {
  name: 'webkit',
  title: 'WebKit',
  candidates: [
    process.env.WEBKIT ?? '',
    ...FOLDERS.flatMap((folder) =>
      ['4.1', '4.0', '6.0'].map((version) => `${folder}/webkit2gtk-${version}/MiniBrowser`),
    ),
  ],
  // MiniBrowser asks for a display before it tells its version.
  versionCommand: (executable) => ['xvfb-run', '-a', executable, '--version'],
  command: (executable, url, folder) => ({
    executable: 'xvfb-run',
    arguments: ['-a', executable, `${url}/test/engines/hosts/page.html?webkit`],
    environment: { HOME: folder, XDG_RUNTIME_DIR: folder, NO_AT_BRIDGE: '1' },
  }),
};
