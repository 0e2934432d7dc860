#include "cli/connect_snippets.h"

#include <array>

#include "agentaudit/core/event_json.h"
#include "cli/hook_agents.h"
#include "cli/shell_words.h"
#include "render/indented_json.h"
#include "render/json_writer.h"

namespace agentaudit {
namespace {

// The addresses and tokens that come here hold nothing that a quoted string would have to escape.
std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string exported(std::string_view name, std::string_view value) {
  return "export " + std::string(name) + '=' + shell_quoted(value) + '\n';
}

std::string otlp_variables(const ConnectValues& values) {
  std::string out = exported("OTEL_EXPORTER_OTLP_ENDPOINT", values.url) +
                    exported("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
  if (values.token.empty()) return out;
  return out += exported("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20" + values.token);
}

std::string hook_install(const ConnectValues& values, std::string_view agent) {
  std::string out = shell_quoted(values.program) + " hook install " + std::string(agent);
  if (values.names_trail) out += " --store " + shell_quoted(values.trail);
  return out += '\n';
}

std::string claude_code(const ConnectValues& values) {
  return exported("CLAUDE_CODE_ENABLE_TELEMETRY", "1") + exported("OTEL_LOGS_EXPORTER", "otlp") +
         exported("OTEL_LOG_USER_PROMPTS", "1") + exported("OTEL_LOG_TOOL_DETAILS", "1") +
         otlp_variables(values) + "# Or hooks in their place, which need no daemon:\n# " +
         hook_install(values, "claude-code");
}

std::string codex(const ConnectValues& values) {
  std::string out =
      "[otel]\n"
      "log_user_prompt = true\n"
      "exporter = { otlp-http = { endpoint = " +
      quoted(values.url + "/v1/logs") + ", protocol = \"binary\"";
  if (!values.token.empty()) {
    out += ", headers = { Authorization = " + quoted("Bearer " + values.token) + " }";
  }
  return out += " } }\n";
}

std::string indented(std::string_view json) {
  std::string out;
  (void)append_indented_json(out, json, "");
  return out;
}

std::string gemini(const ConnectValues& values) {
  std::string out;
  JsonWriter json(out);
  json.open('{');
  json.name("telemetry");
  json.open('{');
  json.member("enabled", true);
  json.member("target", "local");
  json.member("otlpEndpoint", std::string_view(values.url));
  json.member("otlpProtocol", "http");
  json.member("logPrompts", true);
  json.close('}');
  json.close('}');
  return indented(out);
}

std::string vercel_ai(const ConnectValues& values) {
  std::string out =
      "// npm install @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto\n"
      "import { NodeSDK } from '@opentelemetry/sdk-node';\n"
      "import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';\n"
      "\n"
      "const sdk = new NodeSDK({\n"
      "  serviceName: 'my-agent',\n"
      "  traceExporter: new OTLPTraceExporter({\n"
      "    url: " +
      quoted(values.url + "/v1/traces") + ",\n";
  if (!values.token.empty()) {
    out += "    headers: { Authorization: " + quoted("Bearer " + values.token) + " },\n";
  }
  return out +=
         "  }),\n"
         "});\n"
         "sdk.start();\n"
         "process.on('beforeExit', () => sdk.shutdown());\n"
         "// and in each call of the AI SDK:\n"
         "// experimental_telemetry: { isEnabled: true, functionId: 'my-agent' }\n";
}

// An entry of mcpServers; `words` are the arguments before and after --store.
std::string mcp_entry(const ConnectValues& values, std::string_view name,
                      std::span<const std::string_view> before,
                      std::span<const std::string_view> after) {
  std::string out;
  JsonWriter json(out);
  json.open('{');
  json.name("mcpServers");
  json.open('{');
  json.name(name);
  json.open('{');
  json.member("command", std::string_view(values.program));
  json.name("args");
  json.open('[');
  for (const std::string_view word : before) json.value(word);
  if (values.names_trail) {
    json.value("--store");
    json.value(std::string_view(values.trail));
  }
  for (const std::string_view word : after) json.value(word);
  for (const char bracket : {']', '}', '}', '}'}) json.close(bracket);
  return indented(out);
}

std::string mcp(const ConnectValues& values) {
  constexpr std::array<std::string_view, 3> before = {"mcp", "--name", "files"};
  constexpr std::array<std::string_view, 5> after = {
      "--", "npx", "-y", "@modelcontextprotocol/server-filesystem", "."};
  return mcp_entry(values, "files", before, after);
}

std::string mcp_server(const ConnectValues& values) {
  constexpr std::array<std::string_view, 1> before = {"mcp-server"};
  return mcp_entry(values, "agentaudit", before, {});
}

std::string hooks(const ConnectValues& values) {
  std::string out;
  for (const HookAgent& agent : hook_agents()) out += hook_install(values, agent.name);
  return out;
}

std::string cpp(const ConnectValues& values) {
  return "// In CMakeLists.txt:\n"
         "//   find_package(agentaudit REQUIRED)\n"
         "//   target_link_libraries(my_agent PRIVATE agentaudit::agentaudit)\n"
         "#include <agentaudit/agentaudit.h>\n"
         "\n"
         "#include <chrono>\n"
         "\n"
         "int main() {\n"
         "  auto store = agentaudit::open_store(" +
         quoted(values.trail) +
         ");\n"
         "  if (!store) return 1;\n"
         "  agentaudit::BufferedEmitter emitter(*store);\n"
         "  if (!emitter.start()) return 1;\n"
         "  agentaudit::Event event;\n"
         "  event.category = agentaudit::category::tool_call;\n"
         "  event.agent = \"my-agent\";\n"
         "  event.target = \"web_search\";\n"
         "  event.summary = \"web_search: weather in Lisbon\";\n"
         "  (void)emitter.emit(event);\n"
         "  return emitter.close(std::chrono::seconds(5)) ? 0 : 1;\n"
         "}\n";
}

std::string curl(const ConnectValues& values) {
  std::string out = "curl -sS " + shell_quoted(values.url + "/api/v1/audit") +
                    " \\\n  -H 'Content-Type: application/json' \\\n";
  if (!values.token.empty()) {
    out += "  -H " + shell_quoted("Authorization: Bearer " + values.token) + " \\\n";
  }
  return out +=
         "  -d '{\"category\":\"tool_call\",\"agent\":\"my-agent\",\"target\":\"bash\","
         "\"summary\":\"bash: ls\",\"status\":\"ok\"}'\n";
}

std::string python(const ConnectValues& values) {
  std::string out =
      "import json\n"
      "import urllib.request\n"
      "\n"
      "\n"
      "def audit(**event):\n"
      "    request = urllib.request.Request(\n"
      "        " +
      quoted(values.url + "/api/v1/audit") +
      ",\n"
      "        data=json.dumps(event).encode(),\n"
      "        headers={\"Content-Type\": \"application/json\"";
  if (!values.token.empty()) out += ", \"Authorization\": " + quoted("Bearer " + values.token);
  return out +=
         "},\n"
         "    )\n"
         "    with urllib.request.urlopen(request, timeout=5) as answer:\n"
         "        return json.load(answer)[\"ids\"][0]\n"
         "\n"
         "\n"
         "print(audit(category=\"tool_call\", agent=\"my-agent\", target=\"bash\", "
         "summary=\"bash: ls\", status=\"ok\"))\n";
}

constexpr std::string_view shell = "shell";

constexpr std::array<ConnectKind, 11> kinds = {{
    {.name = "otel",
     .summary = "Anything instrumented with OpenTelemetry: environment variables",
     .file = shell,
     .uses_daemon = true,
     .note = {},
     .text = otlp_variables},
    {.name = "claude-code",
     .summary = "Claude Code: its telemetry, or hooks",
     .file = shell,
     .uses_daemon = true,
     .note = "hooks and telemetry tell of the same tool calls: choose one",
     .text = claude_code},
    {.name = "codex",
     .summary = "Codex: its telemetry",
     .file = "~/.codex/config.toml",
     .uses_daemon = true,
     .note = "hooks tell of the same tool calls: `agentaudit hook install codex` in its place",
     .text = codex},
    {.name = "gemini",
     .summary = "Gemini CLI: its telemetry",
     .file = "~/.gemini/settings.json",
     .uses_daemon = true,
     .note = "a token goes into OTEL_EXPORTER_OTLP_HEADERS, as `agentaudit connect otel` has it",
     .text = gemini},
    {.name = "vercel-ai",
     .summary = "Vercel AI SDK: a file to import first",
     .file = "instrumentation.mjs",
     .uses_daemon = true,
     .note = {},
     .text = vercel_ai},
    {.name = "mcp",
     .summary = "An MCP server on stdio: a wrapper that records what passes",
     .file = "the client's mcpServers",
     .note = "put the server's own command behind --",
     .text = mcp},
    {.name = "mcp-server",
     .summary = "An MCP client that may ask the trail",
     .file = "the client's mcpServers",
     .note = {},
     .text = mcp_server},
    {.name = "hooks",
     .summary = "Coding agents with hooks",
     .file = shell,
     .note = {},
     .text = hooks},
    {.name = "cpp",
     .summary = "A C++ program: the library",
     .file = "main.cpp",
     .note = {},
     .text = cpp},
    {.name = "curl",
     .summary = "A shell script: one event over HTTP",
     .file = shell,
     .uses_daemon = true,
     .note = {},
     .text = curl},
    {.name = "python",
     .summary = "A Python program, with nothing to install",
     .file = "audit.py",
     .uses_daemon = true,
     .note = {},
     .text = python},
}};

}  // namespace

std::span<const ConnectKind> connect_kinds() noexcept { return kinds; }

}  // namespace agentaudit
