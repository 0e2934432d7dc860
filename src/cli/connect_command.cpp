#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_table.h"
#include "cli/connect_snippets.h"
#include "cli/daemon_url.h"
#include "cli/environment.h"
#include "cli/http_client.h"
#include "cli/own_path.h"
#include "cli/store_option.h"
#include "cli/token_option.h"
#include "cli/trouble.h"
#include "render/json_writer.h"
#include "server/token_list.h"

namespace agentaudit {
namespace {

constexpr std::string_view default_url = "http://127.0.0.1:4319";
constexpr std::string_view token_placeholder = "YOUR_TOKEN";
constexpr std::chrono::milliseconds probe_patience{1'000};
constexpr int unauthorized = 401;

bool is_token_text(std::string_view text) {
  // RFC 6750: nothing that any of the formats would have to escape.
  return std::all_of(text.begin(), text.end(), [](char c) {
    constexpr std::string_view marks = "-._~+/=";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

using Kinds = std::vector<const ConnectKind*>;

class ConnectCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    OptionSpec& kind =
        line.argument("KIND", kind_, "The kind of agent; none: what kinds there are");
    for (const ConnectKind& known : connect_kinds()) kind.choices.emplace_back(known.name);
    line.option({"--url"}, "URL", url_,
                "The daemon; else $AGENTAUDIT_URL, else http://127.0.0.1:4319");
    line.option({"--token"}, "TOKEN", token_, "Its token; else $AGENTAUDIT_TOKEN");
    line.flag({"--create-token"}, create_token_, "Make a token that may append, and nothing else");
    line.option({"--source"}, "NAME", source_,
                "With --create-token: it stores as this source alone");
    tokens_.declare(line);
    store_.declare(line);
    line.flag({"--all"}, all_, "Print all kinds");
    line.flag({"--json"}, json_, R"(Print {"KIND":{"title":…,"file":…,"text":…}})");
  }

  ExitStatus run(Context& context) override {
    const Kinds kinds = chosen();
    if (kinds.empty()) {
      list_kinds(context);
      return ExitStatus::ok;
    }
    auto values =
        find_values(context, std::any_of(kinds.begin(), kinds.end(),
                                         [](const auto* kind) { return kind->uses_daemon; }));
    if (!values) return report(context, values.error());
    if (json_) {
      print_json(context, kinds, *values);
      return ExitStatus::ok;
    }
    for (const ConnectKind* const kind : kinds) {
      if (kinds.size() > 1) {
        context.out.write("== " + std::string(kind->name) + ": " + std::string(kind->summary) +
                          " (" + std::string(kind->file) + ")\n");
      }
      context.out.write(kind->text(*values));
      if (kind != kinds.back()) context.out.write("\n");
    }
    context.out.flush();
    if (kinds.size() > 1) return ExitStatus::ok;
    if (kinds.front()->file != "shell") {
      context.talk.say("this goes into " + std::string(kinds.front()->file));
    }
    if (!kinds.front()->note.empty()) context.talk.say(kinds.front()->note);
    return ExitStatus::ok;
  }

 private:
  // Empty: only their names are asked for.
  [[nodiscard]] Kinds chosen() const {
    Kinds kinds;
    for (const ConnectKind& kind : connect_kinds()) {
      const bool every = kind_.empty() && (all_ || json_);
      if (every || kind.name == kind_) kinds.push_back(&kind);
    }
    return kinds;
  }

  static void list_kinds(Context& context) {
    constexpr std::size_t name_columns = 13;
    for (const ConnectKind& kind : connect_kinds()) {
      std::string line(kind.name);
      line.resize(name_columns, ' ');
      context.out.write(line + std::string(kind.summary) + '\n');
    }
    context.out.flush();
    context.talk.say("agentaudit connect KIND prints what to paste, --all for all of them");
  }

  Result<ConnectValues> find_values(Context& context, bool uses_daemon) const {
    ConnectValues values;
    auto program = own_path();
    if (!program) return fail(std::move(program.error()));
    values.program = program->native();
    const auto trail = store_.path();
    if (!trail) return fail(trail.error());
    std::error_code error;
    values.trail = std::filesystem::absolute(*trail, error).lexically_normal().native();
    if (error) return fail(ErrorCode::io, "cannot find the current directory: " + error.message());
    values.names_trail = store_.is_given();
    values.url = url_.empty() ? environment("AGENTAUDIT_URL") : url_;
    if (values.url.empty()) values.url = default_url;
    if (auto checked = check_daemon_url(values.url); !checked) return fail(checked.error());
    if (values.url.ends_with('/')) values.url.pop_back();
    values.token = token_.empty() ? environment("AGENTAUDIT_TOKEN") : token_;
    if (!is_token_text(values.token)) {
      return fail(
          ErrorCode::invalid_argument,
          "the token has characters that no token has; `agentaudit token create` makes one");
    }
    if (create_token_) {
      auto made = create_token(context);
      if (!made) return fail(std::move(made.error()));
      values.token = std::move(*made);
    }
    if (uses_daemon) look_for_daemon(context, values);
    return values;
  }

  [[nodiscard]] Result<std::string> create_token(Context& context) const {
    if (source_.empty()) {
      return fail(ErrorCode::invalid_argument,
                  "--create-token needs --source NAME, the source that the token is for");
    }
    const auto path = tokens_.path();
    if (!path) return fail(path.error());
    auto list = TokenList::read(*path);
    if (!list) return fail(list.error());
    const bool first = list->tokens().empty();
    Token token{.id = {}, .sha256 = {}, .source = source_, .name = "connect"};
    token.scopes = {Scope::append};
    token.created = Timestamp::now();
    auto text = list->create(std::move(token));
    if (!text) return text;
    if (auto written = list->write(*path); !written) return fail(written.error());
    context.talk.say("made a token for the source " + source_ + " in " + path->native());
    if (first) context.talk.say("from now on a daemon that reads this file asks every client");
    return text;
  }

  // Says what it finds, and puts a token's place where one is wanted.
  void look_for_daemon(Context& context, ConnectValues& values) const {
    const std::string told = values.token;
    const auto status_of = [&](std::string_view path, const std::string& token) -> Result<long> {
      auto client = HttpClient::make({.url = values.url,
                                      .token = token,
                                      .certificates_path = {},
                                      .connect_timeout = probe_patience,
                                      .timeout = probe_patience});
      if (!client) return fail(client.error());
      return client->get(path).map([](const HttpAnswer& answer) { return answer.status; });
    };
    bool wants_token = false;
    const auto health = status_of("/healthz", {});
    if (!health && health.error().code == ErrorCode::busy) {
      context.talk.say("no daemon answers (" + health.error().message +
                       "); start one with: agentaudit serve");
      wants_token = has_tokens();
    } else if (!health) {
      context.talk.say("whether a daemon answers cannot be told (" + health.error().message + ")");
      wants_token = true;
    } else if (*health != 200) {
      context.talk.say("what answers at " + values.url + " is no daemon of agentaudit");
    } else {
      // Any scope is enough to be known.
      const auto known = status_of("/metrics", told);
      wants_token = known && *known == unauthorized;
      context.talk.say("a daemon answers at " + values.url +
                       (wants_token && !told.empty() ? ", but does not know this token" : ""));
    }
    if (!told.empty() || !wants_token) return;
    values.token = token_placeholder;
    context.talk.say("it wants a token, here " + std::string(token_placeholder) +
                     "; make one with: agentaudit token create --scope append --source NAME");
  }

  [[nodiscard]] bool has_tokens() const {
    const auto path = tokens_.path();
    const auto list = path ? TokenList::read(*path) : Result<TokenList>(TokenList());
    return list && !list->tokens().empty();
  }

  static void print_json(Context& context, const Kinds& kinds, const ConnectValues& values) {
    std::string out;
    JsonWriter json(out);
    json.open('{');
    for (const ConnectKind* const kind : kinds) {
      json.name(kind->name);
      json.open('{');
      json.member("title", kind->summary);
      json.member("file", kind->file);
      if (!kind->note.empty()) json.member("note", kind->note);
      json.member("text", std::string_view(kind->text(values)));
      json.close('}');
    }
    json.close('}');
    context.out.write(out + '\n');
  }

  std::string kind_;
  std::string url_;
  std::string token_;
  std::string source_;
  bool create_token_ = false;
  bool all_ = false;
  bool json_ = false;
  TokenOption tokens_;
  StoreOption store_;
};

}  // namespace

const CommandEntry connect_command = {
    .name = "connect",
    .summary = "Print what to paste so that an agent is recorded",
    .text =
        "Prints it on standard output, with the daemon's address and token in their place, and "
        "says on standard error whether a daemon answers there and where the text goes.",
    .examples =
        "# What kinds of agents there are\n"
        "agentaudit connect\n"
        "# Environment variables of OpenTelemetry, for this shell\n"
        "eval \"$(agentaudit connect otel)\"\n"
        "# With a token of its own\n"
        "agentaudit connect python --create-token --source researcher > audit.py",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ConnectCommand>(); }};

}  // namespace agentaudit
