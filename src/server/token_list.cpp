#include "server/token_list.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "agentaudit/core/event_json.h"
#include "core/file_descriptor.h"
#include "core/hex.h"
#include "core/json_value.h"
#include "core/random_bytes.h"
#include "core/sha256.h"
#include "core/write_file.h"

namespace agentaudit {
namespace {

constexpr std::string_view token_mark = "agentaudit_";
constexpr std::size_t token_random_bytes = 32;
constexpr std::size_t id_digits = 8;
constexpr std::size_t digest_digits = 64;
// tokens_max of them with names of some length, and more.
constexpr std::size_t file_bytes_max = 16U << 20U;

struct ScopeName {
  Scope scope;
  std::string_view name;
};
constexpr std::array<ScopeName, 4> scope_names = {{{Scope::append, "append"},
                                                   {Scope::read, "read"},
                                                   {Scope::prune, "prune"},
                                                   {Scope::admin, "admin"}}};

// Both have the same size. Looks at every byte whatever it sees.
bool same_digest(std::string_view a, std::string_view b) noexcept {
  unsigned difference = 0;
  for (std::size_t i = 0; i < digest_digits; ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

Error system_trouble(const std::filesystem::path& path) {
  const int code = errno;
  return {.code = code == EACCES || code == EPERM ? ErrorCode::permission : ErrorCode::io,
          .message = path.native() + ": " + std::strerror(code)};
}

Error too_large(const std::filesystem::path& path) {
  return {.code = ErrorCode::too_large, .message = path.native() + " is over 16 MiB"};
}

Result<Token> token_of(const JsonValue& value) {
  Token token{.id = std::string(value.string_at("id")),
              .sha256 = std::string(value.string_at("sha256"))};
  std::array<char, digest_digits / 2> bytes{};
  if (!from_hex(token.sha256, bytes)) {
    return fail(ErrorCode::parse, "the sha256 of token \"" + token.id + "\" is none");
  }
  token.source = value.string_at("source");
  token.name = value.string_at("name");
  const auto created = Timestamp::parse(value.string_at("created"));
  if (!created) return fail(ErrorCode::parse, "created of token \"" + token.id + "\" is no time");
  token.created = *created;
  for (const auto& [name, out] : {std::pair("requests_per_minute", &token.requests_per_minute),
                                  std::pair("bytes_per_minute", &token.bytes_per_minute)}) {
    const JsonValue* const limit = value.find(name);
    if (limit == nullptr) continue;
    *out = limit->to_int64().value_or(-1);
    if (*out < 0) {
      return fail(ErrorCode::parse,
                  std::string(name) + " of token \"" + token.id + "\" is no number");
    }
  }
  if (const JsonValue* const scopes = value.find("scopes"); scopes != nullptr) {
    for (const JsonValue& item : scopes->items) {
      const auto scope = scope_of(item.string);
      if (!scope) {
        return fail(ErrorCode::parse,
                    "\"" + item.string + "\" of token \"" + token.id + "\" is no scope");
      }
      token.scopes.push_back(*scope);
    }
  }
  return token;
}

}  // namespace

std::string_view to_string(Scope scope) noexcept {
  for (const ScopeName& named : scope_names) {
    if (named.scope == scope) return named.name;
  }
  return "none";
}

std::optional<Scope> scope_of(std::string_view name) noexcept {
  for (const ScopeName& named : scope_names) {
    if (named.name == name) return named.scope;
  }
  return std::nullopt;
}

bool Token::may(Scope scope) const noexcept {
  return scope == Scope::none || std::any_of(scopes.begin(), scopes.end(), [&](Scope own) {
           return own == scope || own == Scope::admin;
         });
}

Result<TokenList> TokenList::read(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return TokenList();
    return fail(system_trouble(path));
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(ErrorCode::permission, path.native() +
                                           " can be read or changed by others; chmod 600 keeps "
                                           "them out");
  }
  if (static_cast<std::size_t>(status.st_size) > file_bytes_max) return fail(too_large(path));
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(ErrorCode::io, path.native() + " cannot be read");
  auto list = parse(text.str());
  if (!list) return fail(list.error().code, path.native() + ": " + list.error().message);
  return list;
}

Result<TokenList> TokenList::parse(std::string_view text) {
  const auto document = JsonDocument::parse(text);
  if (!document) return fail(document.error());
  const JsonValue* const tokens = document->root().find("tokens");
  if (tokens == nullptr || tokens->kind != JsonValue::Kind::array) {
    return fail(ErrorCode::parse, "it has no list of tokens");
  }
  if (tokens->items.size() > tokens_max) {
    return fail(ErrorCode::too_large, "it has more than " + std::to_string(tokens_max) + " tokens");
  }
  TokenList list;
  for (const JsonValue& item : tokens->items) {
    auto token = token_of(item);
    if (!token) return fail(token.error());
    list.tokens_.push_back(std::move(*token));
  }
  return list;
}

std::string TokenList::to_json() const {
  std::string out = "{\"tokens\":[";
  const char* separator = "\n";
  for (const Token& token : tokens_) {
    out += separator;
    separator = ",\n";
    out += "{\"id\":";
    append_json_string(out, token.id);
    out += ",\"sha256\":";
    append_json_string(out, token.sha256);
    out += ",\"scopes\":[";
    const char* between = "";
    for (const Scope scope : token.scopes) {
      out += between;
      append_json_string(out, to_string(scope));
      between = ",";
    }
    out += "],\"source\":";
    append_json_string(out, token.source);
    out += ",\"name\":";
    append_json_string(out, token.name);
    out += ",\"created\":";
    append_json_string(out, token.created.to_string());
    for (const auto& [name, limit] : {std::pair("requests_per_minute", token.requests_per_minute),
                                      std::pair("bytes_per_minute", token.bytes_per_minute)}) {
      if (limit > 0) out += ",\"" + std::string(name) + "\":" + std::to_string(limit);
    }
    out += '}';
  }
  return out + "\n]}\n";
}

Result<void> TokenList::write(const std::filesystem::path& path) const {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) return fail(ErrorCode::io, path.parent_path().native() + ": " + error.message());
  const std::string text = to_json();
  if (text.size() > file_bytes_max) return fail(too_large(path));
  errno = replace_file(path, text);
  if (errno != 0) return fail(system_trouble(path));
  return {};
}

Result<std::string> TokenList::create(Token token) {
  if (tokens_.size() >= tokens_max) {
    return fail(ErrorCode::full, "there are " + std::to_string(tokens_max) + " tokens already");
  }
  std::array<char, token_random_bytes> random{};
  if (auto filled = random_bytes(random); !filled) return fail(filled.error());
  std::string text(token_mark);
  append_hex(text, {random.data(), random.size()});
  token.sha256 = sha256_hex(text);
  token.id = token.sha256.substr(0, id_digits);
  tokens_.push_back(std::move(token));
  return text;
}

Result<void> TokenList::revoke(std::string_view id) {
  const auto found = std::find_if(tokens_.begin(), tokens_.end(),
                                  [&](const Token& token) { return token.id == id; });
  if (found == tokens_.end()) {
    return fail(ErrorCode::not_found, "there is no token \"" + std::string(id) +
                                          "\"; `agentaudit token list` shows those there are");
  }
  tokens_.erase(found);
  return {};
}

const Token* TokenList::find(std::string_view text) const {
  const std::string digest = sha256_hex(text);
  const Token* found = nullptr;
  for (const Token& token : tokens_) {
    if (same_digest(token.sha256, digest)) found = &token;
  }
  return found;
}

}  // namespace agentaudit
