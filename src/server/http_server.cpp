#include "server/http_server.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <stop_token>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/ascii.h"
#include "core/gzip.h"
#include "server/client_watch.h"
#include "server/http_problem.h"
#include "server/microhttpd.h"
#include "server/worker_pool.h"

namespace agentaudit {
namespace {

// Smaller bodies gain nothing.
constexpr std::size_t gzip_bytes_min = 1'400;
// A client that goes on sending what it was told is too much is cut off after as much again.
constexpr std::size_t discarded_times_max = 2;

std::size_t content_length(const HttpRequest& request) {
  const auto text = request.header("Content-Length").value_or("0");
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc::result_out_of_range ? static_cast<std::size_t>(-1) : length;
}

// Numeric, without the port.
std::string address_text(const sockaddr_storage& address, socklen_t bytes) {
  std::array<char, NI_MAXHOST> host{};
  const int failure = ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), bytes,  // NOLINT
                                    host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
  return failure == 0 ? host.data() : "unknown";
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const Microhttpd& library, HttpServerOptions options, Handler handler)
      : library_(library),
        options_(std::move(options)),
        handler_(std::move(handler)),
        workers_(options_.worker_threads) {}
  ~Impl() { stop(std::chrono::milliseconds(0)); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start(int listening_socket);
  void stop(std::chrono::milliseconds patience);
  [[nodiscard]] std::size_t in_flight() const noexcept {
    const std::lock_guard guard(mutex_);
    return exchanges_.size();
  }

 private:
  class Exchange;

  static void* on_uri(void* self, const char* uri, MHD_Connection* connection);
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                               const char* method, const char* version, const char* upload,
                               std::size_t* upload_bytes, void** state);
  static void on_completed(void* self, MHD_Connection* connection, void** state,
                           MHD_RequestTerminationCode code);

  const Microhttpd& library_;
  const HttpServerOptions options_;
  const Handler handler_;
  WorkerPool workers_;
  ClientWatch watch_;
  MHD_Daemon* daemon_ = nullptr;
  std::atomic<std::size_t> bodies_bytes_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_set<Exchange*> exchanges_;  // guarded by mutex_
};

// One request and its answer. libmicrohttpd has a share in it as long as the request lasts,
// the workers as long as they are at it.
class HttpServer::Impl::Exchange final : public std::enable_shared_from_this<Exchange>,
                                         public ClientWatch::Client {
 public:
  Exchange(Impl& server, MHD_Connection* connection, std::string_view uri)
      : server_(server), connection_(connection) {
    const std::size_t mark = std::min(uri.find('?'), uri.size());
    request_.path = uri.substr(0, mark);
    request_.query = uri.substr(std::min(mark + 1, uri.size()));
    request_.gone = gone_.get_token();
  }
  ~Exchange() override {
    server_.bodies_bytes_ -= request_.body.size();
    const std::lock_guard guard(server_.mutex_);
    server_.exchanges_.erase(this);
    server_.changed_.notify_all();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // A thread of libmicrohttpd's; see on_request.
  MHD_Result proceed(const char* method, const char* upload, std::size_t* upload_bytes) {
    if (!started_) {
      started_ = true;
      return begin(method);
    }
    if (*upload_bytes > 0) return take(upload, upload_bytes);
    std::unique_lock lock(mutex_);
    if (answer_) {
      lock.unlock();
      return send();
    }
    if (!refused_) {
      server_.library_.suspend_connection(connection_);
      try {
        if (socket_ != MHD_INVALID_SOCKET) server_.watch_.add(weak_from_this(), socket_);
        if (server_.workers_.submit([self = shared_from_this()] { self->ask(); })) return MHD_YES;
        refused_ = busy_problem("the daemon is about to end");
      } catch (const std::bad_alloc&) {
        refused_ = out_of_memory_problem();
      }
      server_.library_.resume_connection(connection_);
      return MHD_YES;
    }
    answer_ = std::move(refused_);
    lock.unlock();
    return send();
  }

  // What is made as it is sent has to end now.
  void end() {
    const std::lock_guard guard(mutex_);
    state_ = BodySource::State::broken;
    drop_buffer();
    if (std::exchange(waiting_, false)) server_.library_.resume_connection(connection_);
  }

  // What is asked only for this client is not worth going on with.
  void on_gone() override {
    gone_.request_stop();
    end();
  }

 private:
  MHD_Result begin(const char* method) {
    request_.method = method;
    server_.library_.get_connection_values(
        connection_, MHD_HEADER_KIND,
        [](void* request, MHD_ValueKind, const char* name, const char* value) {
          static_cast<HttpRequest*>(request)->headers.push_back(
              {.name = name, .value = value == nullptr ? "" : value});
          return MHD_YES;
        },
        &request_);
    if (!read_peer()) {
      answer_ = problem(403, "this socket is for its own user alone");
      return send();
    }
    if (content_length(request_) > server_.options_.body_bytes_max) {
      answer_ = too_large();
      return send();  // before the body: the connection is closed after it
    }
    return MHD_YES;
  }

  [[nodiscard]] HttpResponse too_large() const {
    return problem(
        413, "the body is over " + std::to_string(server_.options_.body_bytes_max) + " bytes");
  }

  // Reads who asks. False: another user, over a unix socket.
  [[nodiscard]] bool read_peer() {
    const MHD_ConnectionInfo* const info =
        server_.library_.get_connection_info(connection_, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info == nullptr) return true;
    sockaddr_storage address{};
    socklen_t bytes = sizeof address;
    socket_ = info->connect_fd;
    if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &bytes) != 0) {  // NOLINT
      return true;
    }
    if (address.ss_family != AF_UNIX) {
      request_.peer = address_text(address, bytes);
      return true;
    }
    ucred peer{};
    socklen_t peer_bytes = sizeof peer;
    return !server_.options_.check_peer ||
           (::getsockopt(socket_, SOL_SOCKET, SO_PEERCRED, &peer, &peer_bytes) == 0 &&
            (peer.uid == ::geteuid() || peer.uid == 0));
  }

  MHD_Result take(const char* upload, std::size_t* upload_bytes) {
    const std::size_t bytes = std::exchange(*upload_bytes, 0);
    if (refused_) {
      discarded_ += bytes;
      return discarded_ > discarded_times_max * server_.options_.body_bytes_max ? MHD_NO : MHD_YES;
    }
    if (request_.body.size() + bytes > server_.options_.body_bytes_max) {
      refuse(too_large());
    } else if (server_.bodies_bytes_.fetch_add(bytes) + bytes > server_.options_.bodies_bytes_max) {
      server_.bodies_bytes_ -= bytes;
      refuse(busy_problem("too many bodies are being read at once"));
    } else {
      request_.body.append(upload, bytes);
    }
    return MHD_YES;
  }

  void refuse(HttpResponse response) {
    server_.bodies_bytes_ -= request_.body.size();
    request_.body = {};
    refused_ = std::move(response);
  }

  // A worker.
  void ask() {
    HttpResponse response;
    try {
      response = server_.handler_(request_);
      if (response.source) {
        source_ = std::move(response.source);
        source_->attach([weak = weak_from_this()] {
          if (const auto self = weak.lock()) self->on_news();
        });
      } else {
        compress(response);
      }
    } catch (const std::bad_alloc&) {
      source_ = nullptr;
      response = out_of_memory_problem();
    }
    const std::lock_guard guard(mutex_);
    answer_ = std::move(response);
    server_.library_.resume_connection(connection_);
  }

  void compress(HttpResponse& response) const {
    // An answer that varies has chosen its encoding itself.
    const bool chosen = std::any_of(
        response.headers.begin(), response.headers.end(),
        [](const HttpHeader& header) { return equal_ignoring_case(header.name, "Vary"); });
    if (chosen || response.body.size() < gzip_bytes_min) return;
    response.headers.push_back({.name = "Vary", .value = "Accept-Encoding"});
    if (!lists_token(request_.header("Accept-Encoding").value_or(""), "gzip")) return;
    response.body = gzip(response.body);
    response.headers.push_back({.name = "Content-Encoding", .value = "gzip"});
  }

  MHD_Result send() {
    const Microhttpd& library = server_.library_;
    MHD_Response* response = nullptr;
    if (source_) {
      constexpr std::size_t block_bytes = 16U << 10U;
      response = library.create_response_from_callback(MHD_SIZE_UNKNOWN, block_bytes, read_body,
                                                       this, nullptr);
    } else {
      response = library.create_response_from_buffer(answer_->body.size(), answer_->body.data(),
                                                     MHD_RESPMEM_MUST_COPY);
    }
    if (response == nullptr) return MHD_NO;
    for (const HttpHeader& header : answer_->headers) {
      library.add_response_header(response, header.name.c_str(), header.value.c_str());
    }
    const auto status = static_cast<unsigned>(answer_->status);
    const MHD_Result queued = library.queue_response(connection_, status, response);
    library.destroy_response(response);
    return queued;
  }

  static ssize_t read_body(void* self, std::uint64_t /*position*/, char* out, std::size_t max) {
    return static_cast<Exchange*>(self)->read(out, max);
  }

  ssize_t read(char* out, std::size_t max) {
    const std::lock_guard guard(mutex_);
    if (offset_ < buffer_.size()) {
      const std::size_t bytes = std::min(max, buffer_.size() - offset_);
      std::memcpy(out, &buffer_[offset_], bytes);
      offset_ += bytes;
      if (offset_ == buffer_.size()) drop_buffer();
      return static_cast<ssize_t>(bytes);
    }
    if (state_ == BodySource::State::end) return MHD_CONTENT_READER_END_OF_STREAM;
    if (state_ == BodySource::State::broken) return MHD_CONTENT_READER_END_WITH_ERROR;
    server_.library_.suspend_connection(connection_);
    waiting_ = true;
    if (state_ == BodySource::State::more || std::exchange(news_, false)) produce_soon();
    return 0;
  }

  // Under mutex_. Gives its memory back too: hundreds of clients may wait for what comes next.
  void drop_buffer() {
    std::string().swap(buffer_);
    offset_ = 0;
  }

  // Under mutex_.
  void produce_soon() {
    try {
      producing_ = server_.workers_.submit([self = shared_from_this()] { self->produce(); });
    } catch (const std::bad_alloc&) {
      producing_ = false;
    }
    if (producing_) return;
    state_ = BodySource::State::broken;  // the server ends, or has no memory
    if (std::exchange(waiting_, false)) server_.library_.resume_connection(connection_);
  }

  // A worker.
  void produce() {
    std::string out;
    BodySource::State state = BodySource::State::broken;
    try {
      state = source_->produce(out);
    } catch (const std::bad_alloc&) {
      out.clear();  // a body that breaks off tells its client so
    }
    const std::lock_guard guard(mutex_);
    producing_ = false;
    if (state_ == BodySource::State::broken) return;  // it was ended meanwhile
    buffer_ = std::move(out);
    state_ = state;
    if (buffer_.empty() && (state == BodySource::State::more ||
                            (state == BodySource::State::wait && std::exchange(news_, false)))) {
      produce_soon();
    } else if (!buffer_.empty() || state != BodySource::State::wait) {
      waiting_ = false;
      server_.library_.resume_connection(connection_);
    }
  }

  // Any thread: the source has more.
  void on_news() {
    const std::lock_guard guard(mutex_);
    if (waiting_ && !producing_) {
      produce_soon();
    } else {
      news_ = true;
    }
  }

  Impl& server_;
  MHD_Connection* connection_;
  std::stop_source gone_;
  // Of libmicrohttpd's thread, until a worker is asked.
  HttpRequest request_;
  MHD_socket socket_ = MHD_INVALID_SOCKET;
  bool started_ = false;
  std::optional<HttpResponse> refused_;
  std::size_t discarded_ = 0;

  std::unique_ptr<BodySource> source_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<HttpResponse> answer_;
  std::string buffer_;
  std::size_t offset_ = 0;
  BodySource::State state_ = BodySource::State::more;
  bool producing_ = false;
  bool news_ = false;
  bool waiting_ = false;  // suspended until there is a buffer
};

void* HttpServer::Impl::on_uri(void* self, const char* uri, MHD_Connection* connection) {
  try {
    auto& server = *static_cast<Impl*>(self);
    auto exchange = std::make_shared<Exchange>(server, connection, uri);
    {
      const std::lock_guard guard(server.mutex_);
      server.exchanges_.insert(exchange.get());
    }
    return new std::shared_ptr<Exchange>(std::move(exchange));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

MHD_Result HttpServer::Impl::on_request(void* /*self*/, MHD_Connection* /*connection*/,
                                        const char* /*url*/, const char* method,
                                        const char* /*version*/, const char* upload,
                                        std::size_t* upload_bytes, void** state) {
  if (*state == nullptr) return MHD_NO;
  try {
    return (*static_cast<std::shared_ptr<Exchange>*>(*state))
        ->proceed(method, upload, upload_bytes);
  } catch (const std::bad_alloc&) {
    return MHD_NO;
  }
}

void HttpServer::Impl::on_completed(void* /*self*/, MHD_Connection* /*connection*/, void** state,
                                    MHD_RequestTerminationCode /*code*/) {
  delete static_cast<std::shared_ptr<Exchange>*>(std::exchange(*state, nullptr));
}

Result<void> HttpServer::Impl::start(int listening_socket) {
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
  const bool tls = !options_.certificate.empty();
  if (tls) flags |= MHD_USE_TLS;
  std::vector<MHD_OptionItem> items;
  const auto number = [&](MHD_OPTION option, std::size_t value) {
    items.push_back(
        {.option = option, .value = static_cast<intptr_t>(value), .ptr_value = nullptr});
  };
  const auto text = [&](MHD_OPTION option, std::string& value) {
    items.push_back({.option = option, .value = 0, .ptr_value = value.data()});
  };
  number(MHD_OPTION_LISTEN_SOCKET, static_cast<std::size_t>(listening_socket));
  number(MHD_OPTION_CONNECTION_LIMIT, options_.connections_max);
  number(MHD_OPTION_CONNECTION_TIMEOUT, static_cast<std::size_t>(options_.idle_max.count()));
  // The header's bytes, and what libmicrohttpd makes of them.
  number(MHD_OPTION_CONNECTION_MEMORY_LIMIT, options_.header_bytes_max + (8U << 10U));
  number(MHD_OPTION_THREAD_POOL_SIZE, options_.network_threads);
  std::string certificate = options_.certificate;
  std::string private_key = options_.private_key;
  if (tls) {
    text(MHD_OPTION_HTTPS_MEM_CERT, certificate);
    text(MHD_OPTION_HTTPS_MEM_KEY, private_key);
  }
  items.push_back({.option = MHD_OPTION_END, .value = 0, .ptr_value = nullptr});
  daemon_ = library_.start_daemon(flags, 0, nullptr, nullptr, &Impl::on_request, this,
                                  MHD_OPTION_URI_LOG_CALLBACK, &Impl::on_uri, this,
                                  MHD_OPTION_NOTIFY_COMPLETED, &Impl::on_completed, this,
                                  MHD_OPTION_ARRAY, items.data(), MHD_OPTION_END);
  if (daemon_ == nullptr) {
    return fail(ErrorCode::invalid_argument,
                tls ? "the server cannot start; is the certificate one, and the key its own?"
                    : "the server cannot start on this socket");
  }
  return {};
}

void HttpServer::Impl::stop(std::chrono::milliseconds patience) {
  if (daemon_ == nullptr) return;
  const MHD_socket listening = library_.quiesce_daemon(daemon_);
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return exchanges_.empty(); });
  }
  // What is suspended must be resumed before the end, and no worker may be at it.
  workers_.finish();
  watch_.stop();
  std::vector<std::shared_ptr<Exchange>> rest;
  {
    const std::lock_guard guard(mutex_);
    for (Exchange* exchange : exchanges_) {
      if (auto shared = exchange->weak_from_this().lock()) rest.push_back(std::move(shared));
    }
  }
  for (const auto& exchange : rest) exchange->end();
  rest.clear();
  library_.stop_daemon(std::exchange(daemon_, nullptr));
  // Only now: a network thread may have been about to use it.
  if (listening != MHD_INVALID_SOCKET) ::close(listening);
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(int listening_socket,
                                                      HttpServerOptions options, Handler handler) {
  const auto library = Microhttpd::load();
  if (!library) return fail(library.error());
  auto impl = std::make_unique<Impl>(**library, std::move(options), std::move(handler));
  if (auto started = impl->start(listening_socket); !started) return fail(started.error());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

void HttpServer::stop(std::chrono::milliseconds patience) { impl_->stop(patience); }

std::size_t HttpServer::requests_in_flight() const noexcept { return impl_->in_flight(); }

}  // namespace agentaudit
