#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "agentaudit/store/sqlite_store.h"
#include "cli/event_generator.h"
#include "groups.h"
#include "process.h"
#include "server/api.h"
#include "server/http_server.h"
#include "server/listener.h"

namespace agentaudit::bench {
namespace {

constexpr std::size_t batch_events = 100;

// The daemon's parts in this process, on a port of their own.
class Daemon {
 public:
  explicit Daemon(const std::filesystem::path& path)
      : store_(must(SqliteStore::open(path))), api_(store_, {}) {
    Listener listener = must(listen_on("127.0.0.1:0", 0));
    port_ = listener.port;
    server_ = must(HttpServer::start(::dup(listener.socket.get()), {},
                                     [this](const HttpRequest& r) { return api_.handle(r); }));
  }
  ~Daemon() {
    api_.stop();
    server_->stop(std::chrono::seconds(1));
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] SqliteStore& store() const noexcept { return *store_; }

 private:
  std::shared_ptr<SqliteStore> store_;
  Api api_;
  std::uint16_t port_ = 0;
  std::unique_ptr<HttpServer> server_;
};

// One connection that is kept; answers have a Content-Length.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    (void)::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      give_up("cannot connect");
    }
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view request) const {
    while (!request.empty()) {
      const ssize_t sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
      if (sent <= 0) give_up("cannot send");
      request.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // Waits for something, and forgets it.
  void skip() const {
    std::array<char, 64U << 10U> piece{};
    if (::recv(socket_, piece.data(), piece.size(), 0) <= 0) give_up("the daemon hung up");
  }
  [[nodiscard]] int socket() const noexcept { return socket_; }

  void ask(std::string_view request, std::string_view status) {
    send(request);
    std::size_t head = 0;
    while ((head = buffer_.find("\r\n\r\n")) == std::string::npos) read_more();
    if (!buffer_.starts_with("HTTP/1.1 " + std::string(status))) give_up(buffer_);
    constexpr std::string_view name = "Content-Length: ";
    const std::size_t bytes = std::stoul(buffer_.substr(buffer_.find(name) + name.size()));
    while (buffer_.size() < head + 4 + bytes) read_more();
    buffer_.erase(0, head + 4 + bytes);
  }

 private:
  void read_more() {
    std::array<char, 64U << 10U> piece{};
    const ssize_t bytes = ::recv(socket_, piece.data(), piece.size(), 0);
    if (bytes <= 0) give_up("the daemon hung up");
    buffer_.append(piece.data(), static_cast<std::size_t>(bytes));
  }

  int socket_;
  std::string buffer_;
};

std::string post_of(const std::vector<Event>& events) {
  std::string body = "[";
  for (const Event& event : events) {
    if (body.size() > 1) body += ',';
    append_json(body, event);
  }
  body += ']';
  return "POST /api/v1/audit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Requests of 100 events each, by turns with the library's inserts of the same events. Each
// client waits for one answer before it sends its next request.
Row measure_posts(const Settings& settings, std::size_t clients, std::optional<Goal> goal) {
  const std::size_t batches = settings.scaled(600);
  EventGenerator generator(7);
  std::vector<std::vector<Event>> events;
  std::vector<std::string> posts;
  for (std::size_t i = 0; i < batches; ++i) {
    events.push_back(generator.take(batch_events));
    posts.push_back(post_of(events.back()));
  }
  const std::string who = clients == 1 ? "1 client" : std::to_string(clients) + " clients";
  const auto count = static_cast<double>(batches * batch_events);
  const Daemon daemon(settings.directory / ("posts " + who + ".db"));
  const auto direct = must(SqliteStore::open(settings.directory / ("direct " + who + ".db")));
  return compared(
      "POST of 100 events as JSON, " + who + " (floor: the library's inserts)", "events/s",
      settings.runs,
      [&] {
        return count / seconds_of([&] {
                 std::vector<std::jthread> threads;
                 for (std::size_t first = 0; first < clients; ++first) {
                   threads.emplace_back([&, first] {
                     Client client(daemon.port());
                     for (std::size_t i = first; i < batches; i += clients) {
                       client.ask(posts[i], "201");
                     }
                   });
                 }
               });
      },
      [&] {
        return count / seconds_of([&] {
                 for (const auto& batch : events) must(direct->insert_batch(views_of(batch)));
               });
      },
      goal);
}

// The newest page, while another client posts without a pause.
Row measure_list_under_load(const Settings& settings) {
  const Daemon daemon(settings.directory / "load.db");
  EventGenerator generator(8);
  for (std::size_t i = 0; i < settings.scaled(100'000) / 5'000; ++i) {
    must(daemon.store().insert_batch(views_of(generator.take(5'000))));
  }
  const std::string post = post_of(generator.take(batch_events));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    Client client(daemon.port());
    while (!done) client.ask(post, "201");
  });
  Client client(daemon.port());
  std::vector<double> times;
  for (std::size_t i = 0; i < settings.scaled(500); ++i) {
    times.push_back(1e3 * seconds_of([&] {
                      client.ask("GET /api/v1/audit?limit=50 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                 "200");
                    }));
  }
  done = true;
  writer.join();
  return {.name = "GET of 50 events while a client posts, median",
          .value = median(std::move(times)),
          .unit = "ms",
          .goal = value_at_most(2)};
}

// Clients that follow the live stream, and somebody who reads what they get.
class Followers {
 public:
  Followers(std::uint16_t port, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      clients_.push_back(std::make_unique<Client>(port));
      clients_.back()->send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
      polled_.push_back({.fd = clients_.back()->socket(), .events = POLLIN, .revents = 0});
    }
    // The answer's head says that it follows.
    for (const auto& client : clients_) client->skip();
    reader_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        if (::poll(polled_.data(), polled_.size(), 50) <= 0) continue;
        for (std::size_t i = 0; i < polled_.size(); ++i) {
          if (polled_[i].revents != 0) clients_[i]->skip();
        }
      }
    });
  }

 private:
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<pollfd> polled_;
  std::jthread reader_;
};

constexpr std::size_t followers = 256;

// What an agent waits for its event, a hundred of them a second, while many follow.
Row measure_followers(const Settings& settings) {
  EventGenerator generator(9);
  const std::string post = post_of(generator.take(1));
  const Daemon followed(settings.directory / "followed.db");
  const Daemon alone(settings.directory / "alone.db");
  const Followers clients(followed.port(), followers);
  const auto median_ms = [&](const Daemon& daemon) {
    Client client(daemon.port());
    std::vector<double> times;
    for (std::size_t i = 0; i < settings.scaled(250); ++i) {
      times.push_back(1e3 * seconds_of([&] { client.ask(post, "201"); }));
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return median(std::move(times));
  };
  return compared(
      "POST of an event, 256 streams follow (floor: none)", "ms", settings.runs,
      [&] { return median_ms(followed); }, [&] { return median_ms(alone); }, ratio_at_most(1.1));
}

// The command as a daemon, over a copy of the trail.
class DaemonProcess {
 public:
  DaemonProcess(const Settings& settings, const std::filesystem::path& trail) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) give_up("cannot make a pipe");
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(writing.get(), STDERR_FILENO);
      ::execl(settings.agentaudit.c_str(), "agentaudit", "serve", "--listen", "0", "--store",
              trail.c_str(), nullptr);
      ::_exit(127);
    }
    writing.close();
    std::string line;
    for (char byte = 0; ::read(reading.get(), &byte, 1) == 1 && byte != '\n';) line += byte;
    const std::size_t colon = line.rfind(':');
    if (line.find("listening") == std::string::npos) give_up("the daemon says: " + line);
    port_ = static_cast<std::uint16_t>(whole_number(line.substr(colon + 1)));
  }
  ~DaemonProcess() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  // The most that it held.
  [[nodiscard]] double mebibytes() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("VmHWM:")) continue;
      return std::stod(line.substr(6)) / 1024;
    }
    give_up("the daemon has gone");
  }

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

// With pages and figures asked for, and many who follow; then with what has to look at every
// intent of the trail.
std::vector<Row> measure_memory(const Settings& settings) {
  const std::filesystem::path kept =
      settings.kept / ("trail-" + std::to_string(settings.trail_events) + ".db");
  if (!std::filesystem::exists(kept)) return {};
  const std::filesystem::path copy = settings.directory / "served.db";
  std::filesystem::copy_file(kept, copy);
  std::vector<Row> rows;
  {
    const DaemonProcess daemon(settings, copy);
    const Followers clients(daemon.port(), followers);
    Client client(daemon.port());
    EventGenerator generator(10);
    const auto ask = [&](const std::string& question) {
      client.ask("GET /api/v1/audit" + question + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "200");
    };
    for (int i = 0; i < 20; ++i) client.ask(post_of(generator.take(batch_events)), "201");
    for (const char* question : {"?limit=1000", "?limit=50&search=timeout", "/stats",
                                 "/histogram?buckets=200", "/groups?by=target"}) {
      ask(question);
    }
    const std::string of = "daemon over " + std::to_string(settings.trail_events) + " events, ";
    rows.push_back({.name = of + "256 streams, peak memory",
                    .value = daemon.mebibytes(),
                    .unit = "MiB",
                    .goal = value_at_most(96)});
    ask("/conversations");
    ask("/pending");
    rows.push_back({.name = of + "asked for all conversations and open intents, peak memory",
                    .value = daemon.mebibytes(),
                    .unit = "MiB"});
  }
  std::filesystem::remove(copy);
  return rows;
}

}  // namespace

std::vector<Row> measure_http(const Settings& settings) {
  std::vector<Row> rows = {measure_posts(settings, 4, ratio_at_least(0.6)),
                           measure_posts(settings, 1, std::nullopt),
                           measure_list_under_load(settings), measure_followers(settings)};
  for (Row& row : measure_memory(settings)) rows.push_back(std::move(row));
  return rows;
}

}  // namespace agentaudit::bench
