#include "server/http_problem.h"

#include <array>
#include <new>

#include "agentaudit/core/event_json.h"

namespace agentaudit {
namespace {

int status_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::parse: return 400;
    case ErrorCode::not_found: return 404;
    case ErrorCode::too_large: return 413;
    case ErrorCode::unsupported: return 501;
    case ErrorCode::busy:
    case ErrorCode::full:
    case ErrorCode::io:
    case ErrorCode::closed:
    case ErrorCode::deadline:
    case ErrorCode::cancelled: return 503;
    default: return 500;
  }
}

}  // namespace

std::string_view status_title(int status) noexcept {
  struct Title {
    int status;
    std::string_view text;
  };
  static constexpr std::array<Title, 22> titles = {{
      {200, "OK"},
      {201, "Created"},
      {204, "No Content"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  }};
  for (const Title& title : titles) {
    if (title.status == status) return title.text;
  }
  return "Error";
}

HttpResponse problem(int status, std::string_view detail, const std::vector<std::string>& errors) {
  std::string body = R"({"type":"about:blank","title":)";
  append_json_string(body, status_title(status));
  body += ",\"status\":" + std::to_string(status) + ",\"detail\":";
  append_json_string(body, detail);
  if (!errors.empty()) {
    body += ",\"errors\":";
    char separator = '[';
    for (const std::string& error : errors) {
      body += separator;
      append_json_string(body, error);
      separator = ',';
    }
    body += ']';
  }
  body += '}';
  HttpResponse response{.status = status};
  response.headers.push_back({.name = "Content-Type", .value = "application/problem+json"});
  response.body = std::move(body);
  return response;
}

HttpResponse problem(const Error& error) {
  const int status = status_of(error.code);
  return status == 503 ? busy_problem(error.message) : problem(status, error.message);
}

HttpResponse busy_problem(std::string_view detail) {
  HttpResponse response = problem(503, detail);
  response.headers.push_back({.name = "Retry-After", .value = "1"});
  return response;
}

HttpResponse out_of_memory_problem() noexcept {
  try {
    return busy_problem("the daemon has no memory for it now; try again, or ask for less");
  } catch (const std::bad_alloc&) {
    HttpResponse wordless;
    wordless.status = 503;
    return wordless;
  }
}

HttpResponse body_problem(const Error& error) {
  return error.code == ErrorCode::unsupported ? problem(415, error.message) : problem(error);
}

}  // namespace agentaudit
