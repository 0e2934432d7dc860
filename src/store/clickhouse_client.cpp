#include "store/clickhouse_client.h"

#include <array>
#include <charconv>
#include <utility>

#include "core/percent.h"

namespace agentaudit {
namespace {

struct Taken {
  std::size_t bytes_max;
  std::string body{};
  bool too_large = false;
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto& taken = *static_cast<Taken*>(to);
  if (taken.body.size() + size * count > taken.bytes_max) {
    taken.too_large = true;
    return 0;
  }
  taken.body.append(bytes, size * count);
  return size * count;
}

int asked_to_stop(void* token, curl_off_t /*down_all*/, curl_off_t /*down*/, curl_off_t /*up_all*/,
                  curl_off_t /*up*/) {
  return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
}

// ClickHouse's numbers of errors, dbms/src/Common/ErrorCodes.cpp.
ErrorCode code_of_clickhouse(int number) {
  switch (number) {
    case 60:
    case 81: return ErrorCode::not_found;  // table, database
    case 10:
    case 16:
    case 36:
    case 44:
    case 47:
    case 53: return ErrorCode::not_a_trail;  // columns
    case 192:
    case 193:
    case 194:
    case 195:
    case 497:
    case 516: return ErrorCode::permission;
    case 159:
    case 160: return ErrorCode::deadline;
    case 164:
    case 242: return ErrorCode::read_only;
    case 202:
    case 209:
    case 210:
    case 241:
    case 252:
    case 319:
    case 999: return ErrorCode::busy;
    case 243: return ErrorCode::full;
    default: return ErrorCode::io;
  }
}

std::string first_line(std::string_view text) {
  constexpr std::size_t shown_max = 300;
  std::string line;
  for (const char c : text.substr(0, text.find('\n')).substr(0, shown_max)) {
    line.push_back(c >= ' ' && c < 127 ? c : '?');
  }
  return line;
}

// What the server says of its error, without what only its developers read.
std::string reason_of(std::string_view answer) {
  if (const auto at = answer.find("DB::Exception: "); at != std::string_view::npos) {
    answer.remove_prefix(at + std::string_view("DB::Exception: ").size());
  }
  answer = answer.substr(0, answer.find(", e.what() ="));
  return first_line(answer);
}

}  // namespace

Result<std::unique_ptr<ClickhouseClient>> ClickhouseClient::make(ClickhouseAddress address) {
  const auto curl = Libcurl::load();
  if (!curl) return fail(curl.error());
  return std::unique_ptr<ClickhouseClient>(new ClickhouseClient(**curl, std::move(address)));
}

Result<ClickhouseClient::Handle> ClickhouseClient::take() const {
  const std::lock_guard guard(mutex_);
  if (!idle_.empty()) {
    Handle handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }
  CURL* const handle = curl_->easy_init();
  if (handle == nullptr) return fail(ErrorCode::io, "libcurl cannot be set up");
  return Handle(handle, Cleanup{curl_});
}

void ClickhouseClient::give_back(Handle handle) const {
  const std::lock_guard guard(mutex_);
  idle_.push_back(std::move(handle));
}

Result<std::string> ClickhouseClient::query(std::string_view sql,
                                            const std::stop_token& stop) const {
  // By itself a server takes 256 KiB, and a user with readonly=1 must not set anything.
  constexpr std::size_t plain_bytes_max = 200'000;
  std::string parameters = "wait_end_of_query=1";
  if (sql.size() > plain_bytes_max) {
    parameters += "&max_query_size=" + std::to_string(sql.size() + 1024);
  }
  return perform(parameters, sql, stop);
}

Result<void> ClickhouseClient::insert(std::string_view sql, std::string_view rows,
                                      const std::stop_token& stop) const {
  // Where the table is distributed, the answer comes when the shard has the rows.
  auto done = perform("wait_end_of_query=1&insert_distributed_sync=1&query=" + percent_encoded(sql),
                      rows, stop);
  if (!done) return fail(done.error());
  return {};
}

Result<std::string> ClickhouseClient::perform(const std::string& parameters, std::string_view body,
                                              const std::stop_token& stop) const {
  if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the question was stopped");
  auto taken = take();
  if (!taken) return fail(taken.error());
  CURL* const handle = taken->get();
  curl_->easy_reset(handle);
  const auto set = [&](CURLoption option, auto value) {
    return curl_->easy_setopt(handle, option, value) == CURLE_OK;
  };
  Taken answer{.bytes_max = address_.answer_bytes_max};
  std::array<char, CURL_ERROR_SIZE> why{};
  const std::string url = std::string(address_.tls ? "https://" : "http://") + address_.host + ':' +
                          std::to_string(address_.port) + "/?" + parameters;
  curl_slist* lines = nullptr;
  bool is_set = true;
  for (const std::string& line :
       {std::string("Content-Type: application/octet-stream"), std::string("Expect:")}) {
    curl_slist* const longer = curl_->slist_append(lines, line.c_str());
    is_set = is_set && longer != nullptr;
    if (longer != nullptr) lines = longer;
  }
  is_set = is_set && set(CURLOPT_URL, url.c_str()) && set(CURLOPT_HTTPHEADER, lines) &&
           set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC)) &&
           set(CURLOPT_USERNAME, address_.user.c_str()) &&
           set(CURLOPT_PASSWORD, address_.password.c_str()) &&
           set(CURLOPT_ERRORBUFFER, why.data()) && set(CURLOPT_NOSIGNAL, 1L) &&
           set(CURLOPT_PROTOCOLS_STR, "http,https") &&
           set(CURLOPT_NOPROXY, "localhost,127.0.0.1,::1") &&
           set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(address_.connect_timeout.count())) &&
           set(CURLOPT_TIMEOUT_MS, static_cast<long>(address_.timeout.count())) &&
           set(CURLOPT_WRITEFUNCTION, take_body) && set(CURLOPT_WRITEDATA, &answer) &&
           set(CURLOPT_NOPROGRESS, 0L) && set(CURLOPT_XFERINFOFUNCTION, asked_to_stop) &&
           set(CURLOPT_XFERINFODATA, &stop) && set(CURLOPT_POST, 1L) &&
           set(CURLOPT_POSTFIELDS, body.data()) &&
           set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  const CURLcode done = is_set ? curl_->easy_perform(handle) : CURLE_FAILED_INIT;
  curl_->slist_free_all(lines);
  (void)set(CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
  long status = 0;
  curl_->easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (done == CURLE_OK) give_back(std::move(*taken));

  const std::string place = address_.to_string();
  if (answer.too_large) {
    return fail(ErrorCode::too_large, place + ": the answer is over " +
                                          std::to_string(answer.bytes_max) +
                                          " bytes; ask for less");
  }
  switch (done) {
    case CURLE_OK: break;
    case CURLE_ABORTED_BY_CALLBACK: return fail(ErrorCode::cancelled, "the question was stopped");
    case CURLE_OPERATION_TIMEDOUT:
      return fail(ErrorCode::deadline, place + " did not answer within " +
                                           std::to_string(address_.timeout.count()) + " ms");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR: return fail(ErrorCode::permission, place + ": " + why.data());
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return fail(ErrorCode::parse, place +
                                        " is no ClickHouse: it does not speak HTTP; give the "
                                        "HTTP port, which is 8123 by default");
    default:
      return fail(ErrorCode::busy,
                  place + ": " + (why[0] != '\0' ? why.data() : curl_->easy_strerror(done)));
  }
  if (status != 200) return fail(error_of(status, answer.body));
  return std::move(answer.body);
}

Error ClickhouseClient::unreadable() const {
  return {.code = ErrorCode::parse,
          .message = address_.to_string() + " is no ClickHouse: its answer makes no sense"};
}

Error ClickhouseClient::error_of(long status, std::string_view answer) const {
  constexpr std::string_view begin = "Code: ";
  const std::string place = address_.to_string();
  int number = 0;
  if (!answer.starts_with(begin) ||
      std::from_chars(answer.data() + begin.size(), answer.data() + answer.size(), number).ec !=
          std::errc()) {
    return {.code = ErrorCode::parse,
            .message = place + " is no ClickHouse: it answers HTTP " + std::to_string(status) +
                       ", \"" + first_line(answer) + "\""};
  }
  const ErrorCode code = code_of_clickhouse(number);
  std::string way_out;
  if (code == ErrorCode::not_found) {
    way_out = "; `agentaudit schema clickhouse` prints what makes the tables";
  } else if (code == ErrorCode::not_a_trail) {
    way_out = "; the tables are not those that `agentaudit schema clickhouse` makes";
  } else if (code == ErrorCode::permission) {
    way_out = "; check user and password of the URL";
  }
  return {.code = code, .message = place + ": " + reason_of(answer) + way_out};
}

}  // namespace agentaudit
