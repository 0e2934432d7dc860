// The MCP SDK's client and two of its servers, through the proxy.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

import { command, Daemon } from './daemon.mjs';

const modules = fileURLToPath(new URL('node_modules', import.meta.url));
const server = (name) => [
  process.execPath,
  path.join(modules, '@modelcontextprotocol', name, 'dist', 'index.js'),
];

const scratch = () => fs.mkdtempSync(path.join(os.tmpdir(), 'agentaudit-mcp-'));

// What a client sees of the server that is started so.
async function session(words, directory, steps) {
  const transport = new StdioClientTransport({
    command: words[0],
    args: words.slice(1),
    stderr: 'ignore',
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      MEMORY_FILE_PATH: path.join(directory, 'memory.jsonl'),
    },
  });
  const client = new Client({ name: 'live', version: '1' });
  await client.connect(transport);
  const seen = [client.getServerVersion(), client.getServerCapabilities()];
  for (const step of steps) {
    seen.push(await step(client).catch((error) => ({ code: error.code, message: error.message })));
  }
  await client.close();
  return seen;
}

const call = (name, args) => (client) => client.callTool({ name, arguments: args });

const sessions = {
  'server-everything': [
    (client) => client.ping(),
    (client) => client.listTools(),
    call('echo', { message: 'hello wörld ☃ \u0000 "quoted"' }),
    call('get-sum', { a: 2, b: 40 }),
    call('get-sum', { a: 'two' }),
    call('no-such-tool', {}),
    (client) => client.listPrompts(),
    (client) => client.readResource({ uri: 'demo://nope/1' }),
  ],
  'server-memory': [
    (client) => client.listTools(),
    call('create_entities', {
      entities: [{ name: 'ada', entityType: 'person', observations: ['writes programs'] }],
    }),
    call('search_nodes', { query: 'programs' }),
    call('read_graph', {}),
  ],
};

for (const [name, steps] of Object.entries(sessions)) {
  test(`${name} is the same through the proxy, and recorded`, async () => {
    const without = scratch();
    const within = scratch();
    const trail = path.join(within, 'audit.db');
    const expected = await session(server(name), without, steps);
    const seen = await session(
      [command, 'mcp', '--store', trail, '--', ...server(name)], within, steps);
    assert.deepEqual(seen, expected);
    const exported = execFileSync(command, ['export', '--store', trail, '--source', 'mcp']);
    const events = exported.toString().trim().split('\n').map((line) => JSON.parse(line));
    const calls = events.filter((event) => event.category === 'tool_call');
    assert.equal(calls.length, steps.filter((step) => /callTool/.test(step.toString())).length);
    for (const event of events) assert.notEqual(event.status, 'pending');
    assert.equal(execFileSync(command, ['verify', '--store', trail, '--json']).length > 0, true);
    for (const used of [without, within]) fs.rmSync(used, { recursive: true });
  });
}

// The recorded session of the shared samples, where they are there: the same client, directly
// and through the proxy, byte by byte; in one of them the server is killed.
const recorded = path.resolve(modules, '../../../../shared/samples/run/session.mjs');
for (const [scenario, name] of [
  ['everything', 'server-everything'],
  ['memory', 'server-memory'],
  ['crash', 'server-everything'],
]) {
  test(`the session ${scenario} is the same through the proxy`,
       { skip: fs.existsSync(recorded) ? false : 'the shared samples are not there' }, () => {
    const within = scratch();
    const trail = path.join(within, 'audit.db');
    const out = execFileSync(
      process.execPath,
      [recorded, '--scenario', scenario, '--root', path.join(within, 'root'), '--',
       command, 'mcp', '--store', trail, '--', ...server(name)],
      { cwd: path.dirname(modules) }).toString();
    assert.match(out, /^[0-9]+ passed, 0 failed$/m);
    const events = execFileSync(command, ['export', '--store', trail, '--source', 'mcp']);
    assert.match(events.toString(), /"category":"tool_call"/);
    fs.rmSync(within, { recursive: true });
  });
}

test('the proxy sends to a daemon', async () => {
  const daemon = await new Daemon().start();
  const within = scratch();
  await session([command, 'mcp', '--to', daemon.url, '--', ...server('server-memory')], within,
                sessions['server-memory']);
  const events = await daemon.askFor(3, 'category=tool_call&order=oldest');
  assert.deepEqual(events.map((event) => event.target),
                   ['create_entities', 'search_nodes', 'read_graph']);
  fs.rmSync(within, { recursive: true });
  assert.deepEqual(await daemon.stop(), { status: 0, verdict: 'intact' });
});
