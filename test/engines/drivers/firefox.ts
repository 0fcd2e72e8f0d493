import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from './engine.js';

/** No first-run pages, no updates, nothing sent. */
const PREFERENCES = {
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'datareporting.policy.firstRunURL': '',
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};

export const FIREFOX: Engine = {
  name: 'firefox',
  title: 'Firefox',
  candidates: [process.env.FIREFOX ?? '', '/usr/bin/firefox-esr', '/usr/bin/firefox'],
  command: (executable, url, folder) => {
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    writeFileSync(join(folder, 'user.js'), lines.join(''));
    const page = `${url}/test/engines/hosts/page.html?firefox`;
    return {
      executable,
      arguments: ['--headless', '--no-remote', '--profile', folder, page],
      environment: { HOME: folder },
    };
  },
};
