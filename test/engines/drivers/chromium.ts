import { CHROMIUM_ARGUMENTS, CHROMIUM_EXECUTABLES } from '../../support/browser.js';
import type { Engine } from './engine.js';

export const CHROMIUM: Engine = {
  name: 'chromium',
  title: 'Chromium',
  candidates: CHROMIUM_EXECUTABLES,
  command: (executable, url, folder) => ({
    executable,
    arguments: [
      ...CHROMIUM_ARGUMENTS,
      '--headless',
      '--disable-dev-shm-usage',
      // Without a port to be told what to do, headless Chromium ends when the page is loaded.
      '--remote-debugging-port=0',
      `--user-data-dir=${folder}`,
      `${url}/test/engines/hosts/page.html?chromium`,
    ],
  }),
};
