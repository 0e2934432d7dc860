#include "store/clickhouse_address.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/percent.h"
#include "core/trail_id.h"
#include "store/clickhouse_sql.h"

namespace agentaudit {
namespace {

constexpr std::string_view plain_scheme = "clickhouse://";
constexpr std::string_view tls_scheme = "clickhouses://";
constexpr std::string_view url_form =
    "; it is clickhouse://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE[?trail=ID&trail=ID]";

Error wrong(std::string what) {
  return {.code = ErrorCode::invalid_argument, .message = std::move(what) + std::string(url_form)};
}

// What stands before and after the first mark; without one, all and nothing.
std::pair<std::string_view, std::string_view> split(std::string_view text, char mark) {
  const auto at = std::min(text.find(mark), text.size());
  return {text.substr(0, at), text.substr(std::min(at + 1, text.size()))};
}

Result<void> read_user(std::string_view text, ClickhouseAddress& address) {
  const auto [name, secret] = split(text, ':');
  auto user = percent_decoded(name, false);
  auto password = percent_decoded(secret, false);
  if (!user || !password) {
    return fail(ErrorCode::invalid_argument,
                "user and password of the URL are percent-encoded; a % itself is written %25");
  }
  address.user = std::move(*user);
  address.password = std::move(*password);
  return {};
}

Result<void> read_host(std::string_view text, ClickhouseAddress& address) {
  const auto colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && text.back() != ']';
  address.host = text.substr(0, has_port ? colon : text.size());
  if (has_port) {
    const std::string_view port = text.substr(colon + 1);
    const char* const end = port.data() + port.size();
    const auto parsed = std::from_chars(port.data(), end, address.port);
    if (parsed.ec != std::errc() || parsed.ptr != end || address.port == 0) {
      return fail(wrong("\"" + std::string(port) + "\" is no port"));
    }
  }
  if (address.host.empty()) return fail(wrong("the URL names no host"));
  return {};
}

Result<void> read_trails(std::string_view query, ClickhouseAddress& address) {
  while (!query.empty()) {
    const auto [part, rest] = split(query, '&');
    query = rest;
    const auto [name, trail] = split(part, '=');
    if (name != "trail") {
      return fail(wrong("\"" + std::string(part) + "\" is no part of the URL of a ClickHouse"));
    }
    if (auto checked = check_trail_id(trail); !checked) return checked;
    address.trails.emplace_back(trail);
  }
  return {};
}

}  // namespace

Result<ClickhouseAddress> ClickhouseAddress::parse(std::string_view url) {
  ClickhouseAddress address;
  address.tls = url.starts_with(tls_scheme);
  if (!address.tls && !url.starts_with(plain_scheme)) {
    return fail(wrong("\"" + std::string(split(url, ':').first) + ":\" is no ClickHouse"));
  }
  if (address.tls) address.port = 8443;
  url.remove_prefix(address.tls ? tls_scheme.size() : plain_scheme.size());
  const auto [before, query] = split(url, '?');
  auto [authority, database] = split(before, '/');
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    if (auto read = read_user(authority.substr(0, at), address); !read) return fail(read.error());
    authority.remove_prefix(at + 1);
  }
  if (auto read = read_host(authority, address); !read) return fail(read.error());
  if (!clickhouse_sql::is_name(database)) {
    return fail(wrong("\"" + std::string(database) +
                      "\" is no name of a database (letters, digits and _)"));
  }
  address.database = database;
  if (auto read = read_trails(query, address); !read) return fail(read.error());
  return address;
}

std::string ClickhouseAddress::to_string() const {
  return std::string(tls ? tls_scheme : plain_scheme) + host + ':' + std::to_string(port) + '/' +
         database;
}

}  // namespace agentaudit
