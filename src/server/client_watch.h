// ClientWatch: notices that a client closed its connection while its answer is being made.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace agentaudit {

// Looks at the sockets every 100 ms in a thread of its own, which sleeps while there are
// none: libmicrohttpd does not look at a connection that is suspended. Thread-safe.
class ClientWatch {
 public:
  class Client {
   public:
    Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    virtual ~Client() = default;

    // The client sends nothing more: as a rule it has closed its side of the connection.
    // Called at most once, in the thread of the watch.
    virtual void on_gone() = 0;
  };

  ClientWatch() : thread_([this] { run(); }) {}
  ~ClientWatch() { stop(); }
  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;

  // Watches until the client is destroyed.
  void add(std::weak_ptr<Client> client, int socket);
  // Calls on_gone no more. Idempotent. Not from on_gone.
  void stop();

 private:
  struct Watched {
    std::weak_ptr<Client> client;
    int socket;
  };

  void run();
  // Tells those that are gone, and takes out who need not be looked at again.
  static void look(std::vector<Watched>& watched);

  std::mutex mutex_;
  std::condition_variable changed_;
  // All below are guarded by mutex_.
  std::vector<Watched> watched_;
  bool asleep_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace agentaudit
