// A real daemon over a real trail, for one test file.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

export const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = process.env.AGENTAUDIT_BINARY;

export class Trail {
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'agentaudit-web-'));
    this.store = path.join(this.folder, 'audit.db');
    this.env = { ...process.env, XDG_CONFIG_HOME: this.folder, AGENTAUDIT_STORE: this.store };
  }
  run(args, input) {
    return execFileSync(binary, args, { env: this.env, input, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 64 << 20 }).toString();
  }
  record(events) {
    this.run(['record'], events.map((event) => JSON.stringify(event)).join('\n'));
  }
  // What the examples and tests hold of real agents: chat agents, MCP, OpenTelemetry, hooks.
  replay() {
    this.run(['record', path.join(top, 'examples/recordings/events.jsonl')]);
    for (const payload of fs.readFileSync(path.join(top, 'examples/recordings/claude-code-hooks.jsonl'), 'utf8').split('\n')) {
      if (payload) this.run(['hook'], payload);
    }
    const bodies = path.join(top, 'tests/golden/otlp');
    for (const name of fs.readdirSync(bodies)) {
      const files = fs.readdirSync(path.join(bodies, name)).filter((file) => /-traces\./.test(file));
      if (files.length) this.run(['import', '--format', 'otlp-traces', ...files.map((file) => path.join(bodies, name, file))]);
    }
  }
  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Daemon {
  static async start(trail, port = 0) {
    const daemon = new Daemon();
    daemon.process = spawn(binary, ['serve', '--listen', `127.0.0.1:${port}`], { env: trail.env, stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const line of readline.createInterface({ input: daemon.process.stderr })) {
      const said = /listening on (http:\S+)/.exec(line);
      if (said) {
        daemon.url = said[1];
        break;
      }
    }
    daemon.process.stderr.resume();
    if (!daemon.url) throw new Error('the daemon did not start');
    return daemon;
  }
  async stop() {
    if (this.process.exitCode !== null) return;
    this.process.kill('SIGTERM');
    await once(this.process, 'exit');
  }
  async post(events, headers = {}) {
    const response = await fetch(`${this.url}/api/v1/audit`, { method: 'POST', body: JSON.stringify(events), headers: { 'Content-Type': 'application/json', ...headers } });
    if (response.status !== 201) throw new Error(await response.text());
    return (await response.json()).ids;
  }
}

export function event(change = {}) {
  return { category: 'tool_call', action: 'execute', agent: 'ada', target: 'bash', summary: 'bash: ls', status: 'ok', source: 'test', conversation_id: 'c1', ...change };
}
