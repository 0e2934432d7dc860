#include "server/client_watch.h"

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <iterator>
#include <new>
#include <utility>

namespace agentaudit {
namespace {

constexpr std::chrono::milliseconds look_interval{100};

}  // namespace

void ClientWatch::add(std::weak_ptr<Client> client, int socket) {
  const std::lock_guard guard(mutex_);
  watched_.push_back({.client = std::move(client), .socket = socket});
  if (std::exchange(asleep_, false)) changed_.notify_all();
}

void ClientWatch::stop() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void ClientWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    asleep_ = watched_.empty();
    if (asleep_) {
      changed_.wait(lock, [&] { return stopping_ || !watched_.empty(); });
    } else if (!changed_.wait_for(lock, look_interval, [&] { return stopping_; })) {
      std::vector<Watched> watched = std::exchange(watched_, {});
      lock.unlock();
      try {
        look(watched);
        lock.lock();
        watched_.insert(watched_.end(), std::make_move_iterator(watched.begin()),
                        std::make_move_iterator(watched.end()));
      } catch (const std::bad_alloc&) {
        // Who is not watched any more has its question answered to the end: it costs time.
        if (!lock.owns_lock()) lock.lock();
      }
    }
  }
}

void ClientWatch::look(std::vector<Watched>& watched) {
  std::erase_if(watched, [](const Watched& one) { return one.client.expired(); });
  std::vector<pollfd> sockets;
  sockets.reserve(watched.size());
  for (const Watched& one : watched) {
    sockets.push_back({.fd = one.socket, .events = POLLRDHUP, .revents = 0});
  }
  if (::poll(sockets.data(), sockets.size(), 0) <= 0) return;
  std::vector<Watched> rest;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if (sockets[i].revents == 0) {
      rest.push_back(std::move(watched[i]));
    } else if (const auto client = watched[i].client.lock()) {
      // Where the socket's number has passed to another connection since, this client has its
      // answer already and no longer minds.
      client->on_gone();
    }
  }
  watched = std::move(rest);
}

}  // namespace agentaudit
