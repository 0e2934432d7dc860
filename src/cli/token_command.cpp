#include <string>
#include <vector>

#include "cli/byte_expression.h"
#include "cli/command_table.h"
#include "cli/filter_options.h"
#include "cli/print_options.h"
#include "cli/token_option.h"
#include "cli/trouble.h"
#include "render/figures.h"
#include "render/json_writer.h"
#include "render/text_table.h"
#include "server/token_list.h"

namespace agentaudit {
namespace {

std::string scopes_text(const Token& token) {
  std::string text;
  for (const Scope scope : token.scopes) {
    text += (text.empty() ? "" : ",") + std::string(to_string(scope));
  }
  return text;
}

std::string limits_text(const Token& token) {
  std::string text;
  if (token.requests_per_minute > 0) {
    text = count_text(token.requests_per_minute, "request", "requests");
  }
  if (token.bytes_per_minute > 0) {
    text += (text.empty() ? "" : ", ") + bytes_text(token.bytes_per_minute);
  }
  return text.empty() ? text : text + " a minute";
}

std::string json_of(const Token& token, const std::string& secret) {
  std::string line;
  JsonWriter json(line);
  json.open('{');
  json.member("id", std::string_view(token.id));
  if (!secret.empty()) json.member("token", std::string_view(secret));
  json.member("scopes", std::string_view(scopes_text(token)));
  json.member("source", std::string_view(token.source));
  json.member("name", std::string_view(token.name));
  json.member("created", token.created);
  json.member("requests_per_minute", token.requests_per_minute);
  json.member("bytes_per_minute", token.bytes_per_minute);
  json.close('}');
  return line + '\n';
}

class TokenCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    OptionSpec& what = line.argument(
        "WHAT", what_, "create: make a token; list: print those there are; revoke: end one");
    what.required = true;
    what.choices = {"create", "list", "revoke"};
    line.argument("ID", id_, "Of revoke: the token's id, as list prints it");
    tokens_.declare(line);
    line.option({"--scope"}, "SCOPES", scopes_, "What it may: append, read, prune, admin");
    line.option({"--source"}, "NAME", source_, "It stores events of this source alone");
    line.option({"--name"}, "NAME", name_, "What you call it");
    line.option({"--requests-per-minute"}, "N", requests_per_minute_,
                "It may ask so often; more is answered 429");
    line.option({"--bytes-per-minute"}, "SIZE", bytes_per_minute_,
                "It may send so much: 10MiB; more is answered 429");
    line.flag({"--json"}, json_, "Print each token as JSON on a line of its own");
  }

  ExitStatus run(Context& context) override {
    const auto path = tokens_.path();
    if (!path) return report(context, path.error());
    auto list = TokenList::read(*path);
    if (!list) return report(context, list.error());
    if (what_ == "list") return print(context, *list);
    return what_ == "create" ? create(context, *path, *list) : revoke(context, *path, *list);
  }

 private:
  ExitStatus create(Context& context, const std::filesystem::path& path, TokenList& list) const {
    if (!id_.empty()) return report_wrong_use(context, "unexpected argument \"" + id_ + "\"");
    Token token{.id = {}, .sha256 = {}, .source = source_, .name = name_};
    token.created = Timestamp::now();
    for (const std::string& name : filter_names(scopes_)) {
      const auto scope = scope_of(name);
      if (!scope) {
        return report_wrong_use(context,
                                "--scope: \"" + name + "\" is none of append, read, prune, admin");
      }
      token.scopes.push_back(*scope);
    }
    token.requests_per_minute = requests_per_minute_;
    if (requests_per_minute_ < 0) {
      return report_wrong_use(context, "--requests-per-minute: a number from 1 on; 0: any");
    }
    if (!bytes_per_minute_.empty()) {
      const auto bytes = parse_bytes(bytes_per_minute_);
      if (!bytes) return report_wrong_use(context, "--bytes-per-minute: " + bytes.error().message);
      token.bytes_per_minute = *bytes;
    }
    if (token.scopes.empty()) {
      return report_wrong_use(context, "--scope is missing: say what the token may");
    }
    const auto text = list.create(std::move(token));
    if (!text) return report(context, text.error());
    if (auto written = list.write(path); !written) return report(context, written.error());
    context.out.write(json_ ? json_of(list.tokens().back(), *text) : *text + '\n');
    context.talk.say("this is shown once; send it as `Authorization: Bearer …`");
    return ExitStatus::ok;
  }

  ExitStatus revoke(Context& context, const std::filesystem::path& path, TokenList& list) const {
    if (id_.empty()) return report_wrong_use(context, "revoke needs the ID of a token");
    if (auto revoked = list.revoke(id_); !revoked)
      return report_or_refuse(context, revoked.error());
    if (auto written = list.write(path); !written) return report(context, written.error());
    context.talk.say("revoked " + id_ + "; a daemon that runs hears of it within a second");
    return ExitStatus::ok;
  }

  ExitStatus print(Context& context, const TokenList& list) const {
    if (json_) {
      for (const Token& token : list.tokens()) context.out.write(json_of(token, {}));
      return ExitStatus::ok;
    }
    TextTable table({{.heading = "ID"},
                     {.heading = "CREATED", .drop_rank = 2},
                     {.heading = "SCOPES"},
                     {.heading = "SOURCE", .columns_max = 32},
                     {.heading = "LIMITS", .columns_max = 32, .drop_rank = 3},
                     {.heading = "NAME", .columns_max = 32, .drop_rank = 1}},
                    {});
    for (const Token& token : list.tokens()) {
      table.add_row({{token.id},
                     {milliseconds_text(token.created)},
                     {scopes_text(token)},
                     {token.source},
                     {limits_text(token)},
                     {token.name}});
    }
    context.out.write(table.take_text());
    return ExitStatus::ok;
  }

  TokenOption tokens_;
  std::string what_;
  std::string id_;
  std::vector<std::string> scopes_;
  std::string source_;
  std::string name_;
  std::int64_t requests_per_minute_ = 0;
  std::string bytes_per_minute_;
  bool json_ = false;
};

}  // namespace

const CommandEntry token_command = {
    .name = "token",
    .summary = "Make, list and revoke the tokens of the daemon",
    .text =
        "As soon as there is a file of tokens, `serve` asks every client for one, but for "
        "/healthz, /readyz and /openapi.json. A token is shown once; the file keeps its SHA-256 "
        "alone. An agent's token with --scope append and --source can store events, as that "
        "source and no other, and neither read nor delete.",
    .examples =
        "agentaudit token create --scope append --source researcher\n"
        "agentaudit token create --scope read --name dashboard\n"
        "agentaudit token list\n"
        "agentaudit token revoke 1f2e3d4c",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<TokenCommand>(); }};

}  // namespace agentaudit
