// Recorded requests of OTLP exporters, each sent twice, against what their events have to be:
// the shared samples, where they are there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { command, Daemon } from './daemon.mjs';

const samples = fileURLToPath(new URL('../../../shared/samples', import.meta.url));
const recordings = path.join(samples, 'otlp');
const names = fs.existsSync(recordings) ? fs.readdirSync(recordings) : [];

test('the shared samples are there', { skip: names.length ? false : 'they are not' }, () => {});

for (const name of names) {
  const folder = path.join(recordings, name);
  // Traces and logs of one agent tell of the same calls.
  for (const signal of ['traces', 'logs']) {
    if (!fs.readdirSync(folder).some((file) => file.includes(`-${signal}.`))) continue;
    test(`${signal} of ${name} become the events that they are, once`, async () => {
      const daemon = await new Daemon().start();
      const run = (script, ...words) =>
        execFileSync(process.execPath, [path.join(samples, 'run', script), ...words]).toString();
      run('replay.mjs', '--url', daemon.url, '--only', signal, '--times', '2', folder);
      // What still waits for others is stored as the daemon ends.
      daemon.process.kill('SIGTERM');
      await new Promise((done) => daemon.process.once('exit', done));
      const events = path.join(daemon.directory, 'events.jsonl');
      execFileSync(command, ['export', '--store', daemon.trail, '--source', 'otlp', '-o', events]);
      const checked = run('check.mjs', '--strict', '--signal', signal, '--events', events,
                          '--expected', path.join(folder, 'expected.json'));
      assert.match(checked, /^[1-9][0-9]* passed, 0 failed/m);
      // Some recordings have intents that never end.
      const { verdict } = await daemon.stop();
      assert.ok(['intact', 'incomplete'].includes(verdict), verdict);
    });
  }
}
