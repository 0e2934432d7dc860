// CuttingProxy: passes bytes on between a client and a server of loopback, and cuts the connection
// at the client's first message that has a word in it.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "store/loopback.h"

namespace agentaudit {

class CuttingProxy {
 public:
  enum class Cut { nowhere, before, after };  // the server got that message

  explicit CuttingProxy(int server_port);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  [[nodiscard]] int port() const { return listening_.port; }
  // Cuts once, and then refuses whoever comes until `let_in`.
  void cut(Cut where, std::string word, bool then_refuse = false);
  void let_in() { refuses_ = false; }
  [[nodiscard]] bool has_cut() const { return where_ == Cut::nowhere; }

 private:
  void accept_all();
  void pass(int client);
  // Whether the connection goes on.
  [[nodiscard]] bool pass_some(int from, int to, bool from_client);

  int server_port_;
  Listening listening_;
  std::atomic<Cut> where_ = Cut::nowhere;
  std::atomic<bool> refuses_ = false;
  std::atomic<bool> refuses_next_ = false;
  std::atomic<bool> ends_ = false;
  std::string word_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

}  // namespace agentaudit
