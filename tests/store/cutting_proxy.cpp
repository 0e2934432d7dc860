#include "store/cutting_proxy.h"

#include <array>
#include <chrono>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace agentaudit {
namespace {

constexpr int poll_ms = 20;

}  // namespace

CuttingProxy::CuttingProxy(int server_port)
    : server_port_(server_port), listening_(listen_on_loopback()) {
  accepting_ = std::thread([this] { accept_all(); });
}

CuttingProxy::~CuttingProxy() {
  ends_ = true;
  accepting_.join();
  for (std::thread& thread : threads_) thread.join();
  close(listening_.descriptor);
}

void CuttingProxy::cut(Cut where, std::string word, bool then_refuse) {
  word_ = std::move(word);
  refuses_next_ = then_refuse;
  where_ = where;
}

void CuttingProxy::accept_all() {
  while (!ends_) {
    pollfd waiting{.fd = listening_.descriptor, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, poll_ms) <= 0) continue;
    const int client = accept(listening_.descriptor, nullptr, nullptr);
    if (client < 0) continue;
    if (refuses_) {
      close(client);
      continue;
    }
    threads_.emplace_back([this, client] { pass(client); });
  }
}

void CuttingProxy::pass(int client) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(server_port_);
  bool goes_on = connect(server, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  while (goes_on && !ends_) {
    std::array<pollfd, 2> waiting = {{{.fd = client, .events = POLLIN, .revents = 0},
                                      {.fd = server, .events = POLLIN, .revents = 0}}};
    if (poll(waiting.data(), waiting.size(), poll_ms) <= 0) continue;
    if (waiting[0].revents != 0) goes_on = pass_some(client, server, true);
    if (goes_on && waiting[1].revents != 0) goes_on = pass_some(server, client, false);
  }
  close(client);
  close(server);
}

bool CuttingProxy::pass_some(int from, int to, bool from_client) {
  std::array<char, 65'536> buffer{};
  const ssize_t got = recv(from, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
  Cut where = Cut::nowhere;
  if (from_client && where_ != Cut::nowhere && bytes.find(word_) != std::string_view::npos) {
    refuses_ = refuses_next_.load();
    where = where_.exchange(Cut::nowhere);
  }
  if (where == Cut::before) return false;
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t some = send(to, &bytes[sent], bytes.size() - sent, MSG_NOSIGNAL);
    if (some <= 0) return false;
    sent += static_cast<std::size_t>(some);
  }
  // The server has time to do what it says.
  if (where == Cut::after) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  return where == Cut::nowhere;
}

}  // namespace agentaudit
