#include "cli/http_client.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/version.h"

namespace agentaudit {
namespace {

constexpr std::size_t answer_bytes_max = 1U << 20U;
constexpr std::string_view unix_scheme = "unix:";

// For libcurl: takes what comes, and drops what is over the limit.
std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  body.append(bytes, std::min(size * count, answer_bytes_max - body.size()));
  return size * count;
}

ErrorCode code_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE: return ErrorCode::busy;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR: return ErrorCode::permission;
    case CURLE_URL_MALFORMAT: return ErrorCode::invalid_argument;
    default: return ErrorCode::io;
  }
}

}  // namespace

Result<HttpClient> HttpClient::make(DaemonAddress address) {
  const std::string& url = address.url;
  const bool is_known = url.starts_with("http://") || url.starts_with("https://") ||
                        (url.starts_with(unix_scheme) && url.size() > unix_scheme.size());
  if (!is_known) {
    return fail(ErrorCode::invalid_argument,
                "\"" + url +
                    "\" is no address of a daemon; that is http://HOST:PORT, "
                    "https://HOST:PORT or unix:PATH");
  }
  while (address.url.ends_with('/')) address.url.pop_back();
  const auto curl = Libcurl::load();
  if (!curl) return fail(curl.error());
  CURL* const handle = (*curl)->easy_init();
  if (handle == nullptr) return fail(ErrorCode::io, "libcurl cannot be set up");
  return HttpClient(**curl, handle, std::move(address));
}

Result<HttpAnswer> HttpClient::get(std::string_view path) { return perform(path, nullptr, {}); }

Result<HttpAnswer> HttpClient::post(std::string_view path, std::string_view body,
                                    const std::vector<HttpHeader>& headers) {
  return perform(path, &body, headers);
}

Result<HttpAnswer> HttpClient::perform(std::string_view path, const std::string_view* body,
                                       const std::vector<HttpHeader>& headers) {
  CURL* const handle = handle_.get();
  // Options are forgotten, the connection stays.
  curl_->easy_reset(handle);
  const auto set = [&](CURLoption option, auto value) {
    return curl_->easy_setopt(handle, option, value) == CURLE_OK;
  };
  HttpAnswer answer;
  std::array<char, CURL_ERROR_SIZE> why{};
  const bool is_unix = address_.url.starts_with(unix_scheme);
  const std::string url = (is_unix ? "http://localhost" : address_.url) + std::string(path);
  curl_slist* lines = nullptr;
  const auto add_line = [&](const std::string& line) {
    if (curl_slist* const longer = curl_->slist_append(lines, line.c_str())) lines = longer;
  };
  for (const HttpHeader& header : headers) add_line(header.name + ": " + header.value);
  if (!address_.token.empty()) add_line("Authorization: Bearer " + address_.token);
  add_line("Expect:");  // else a body of some size waits for a word from the daemon

  bool is_set =
      set(CURLOPT_URL, url.c_str()) && set(CURLOPT_HTTPHEADER, lines) &&
      set(CURLOPT_ERRORBUFFER, why.data()) && set(CURLOPT_NOSIGNAL, 1L) &&
      set(CURLOPT_PROTOCOLS_STR, "http,https") && set(CURLOPT_NOPROXY, "localhost,127.0.0.1,::1") &&
      set(CURLOPT_USERAGENT, ("agentaudit/" + std::string(version_text)).c_str()) &&
      set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(address_.connect_timeout.count())) &&
      set(CURLOPT_TIMEOUT_MS, static_cast<long>(address_.timeout.count())) &&
      set(CURLOPT_WRITEFUNCTION, take_body) && set(CURLOPT_WRITEDATA, &answer.body);
  if (is_unix) {
    const std::string socket = address_.url.substr(unix_scheme.size());
    is_set = is_set && set(CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  }
  if (!address_.certificates_path.empty()) {
    is_set = is_set && set(CURLOPT_CAINFO, address_.certificates_path.c_str());
  }
  if (body != nullptr) {
    is_set = is_set && set(CURLOPT_POST, 1L) && set(CURLOPT_POSTFIELDS, body->data()) &&
             set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
  }
  const CURLcode done = is_set ? curl_->easy_perform(handle) : CURLE_FAILED_INIT;
  curl_->slist_free_all(lines);
  (void)set(CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
  if (done != CURLE_OK) {
    return fail(code_of(done),
                address_.url + ": " + (why[0] != '\0' ? why.data() : curl_->easy_strerror(done)));
  }
  curl_->easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace agentaudit
