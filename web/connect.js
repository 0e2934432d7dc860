// An empty trail says how to fill it.
import { CopyButton } from './copy.js';
import { html } from './html.js';

const ways = () => [
  ['A coding agent with hooks', `{"hooks":{"PreToolUse":[{"hooks":[{"type":"command","command":"agentaudit hook"}]}],\n "PostToolUse":[{"hooks":[{"type":"command","command":"agentaudit hook"}]}]}}`],
  ['An MCP server on standard input and output', '{"mcpServers":{"files":{"command":"agentaudit","args":["mcp","--","npx","-y","some-mcp-server"]}}}'],
  ['Anything instrumented with OpenTelemetry', `OTEL_EXPORTER_OTLP_ENDPOINT=${location.origin} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf your-agent`],
  ['Anything that speaks HTTP', `curl -H 'Content-Type: application/json' -d '{"category":"tool_call","agent":"me","target":"bash","summary":"bash: ls"}' ${location.origin}/api/v1/audit`],
];

export function Connect() {
  return html`<div class="empty"><h2>Nothing is recorded yet</h2>
    <p>Connect an agent; its first event appears here by itself.</p>
    ${ways().map(([title, text]) => html`<section class="way"><h3>${title}</h3><div class="code"><pre tabindex="0">${text}</pre><${CopyButton} text=${text} label="Copy" /></div></section>`)}
  </div>`;
}
