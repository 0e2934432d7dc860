// The built binary as a daemon, for tests with real clients.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

export const command = process.env.AGENTAUDIT_COMMAND;
if (!command) throw new Error('AGENTAUDIT_COMMAND names the binary');

export class Daemon {
  constructor() {
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), 'agentaudit-live-'));
    this.trail = path.join(this.directory, 'audit.db');
  }

  async start() {
    this.process = spawn(command, ['serve', '--listen', '0', '--store', this.trail], {
      env: { PATH: process.env.PATH, HOME: this.directory },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const lines = readline.createInterface({ input: this.process.stderr });
    for await (const line of lines) {
      const at = line.match(/listening on (http:\/\/\S+)/);
      if (at) {
        this.url = at[1];
        break;
      }
    }
    if (!this.url) throw new Error('the daemon did not start');
    return this;
  }

  async ask(query) {
    const response = await fetch(`${this.url}/api/v1/audit?${query}`);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()).events.map((event) => ({
      ...event,
      detail: event.detail ? JSON.parse(event.detail) : {},
    }));
  }

  // Until the answer has at least so many events; what it has after ten seconds otherwise.
  async askFor(count, query) {
    for (let i = 0; ; ++i) {
      const events = await this.ask(query);
      if (events.length >= count || i === 100) return events;
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  // Ends it, and says what `verify` says of the trail.
  async stop() {
    this.process.kill('SIGTERM');
    const [status] = this.process.exitCode === null ? await once(this.process, 'exit') : [0];
    // Its exit status is the verdict.
    const verdict = spawnSync(command, ['verify', '--json', '--store', this.trail]).stdout;
    fs.rmSync(this.directory, { recursive: true });
    return { status, verdict: JSON.parse(verdict).verdict };
  }
}
