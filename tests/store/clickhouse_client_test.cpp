// What is said of a server that is no ClickHouse, or answers too late.
#include "store/clickhouse_client.h"

#include <array>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agentaudit/store/clickhouse_store.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

// On loopback; answers one connection with some bytes, whatever it is asked.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listening_, any, size) != 0 || listen(listening_, 1) != 0 ||
        getsockname(listening_, any, &size) != 0) {
      return;
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, answer = std::move(answer)] { serve(answer); });
  }
  ~OneAnswer() {
    shutdown(listening_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    close(listening_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  [[nodiscard]] std::string url() const {
    return "clickhouse://127.0.0.1:" + std::to_string(port_) + "/fleet";
  }

 private:
  void serve(const std::string& answer) const {
    const int peer = accept(listening_, nullptr, nullptr);
    if (peer < 0) return;
    std::array<char, 4096> asked{};
    (void)!read(peer, asked.data(), asked.size());
    (void)!send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    if (!answer.empty()) shutdown(peer, SHUT_WR);
    while (read(peer, asked.data(), asked.size()) > 0) {
    }
    close(peer);
  }

  int listening_ = -1;
  int port_ = 0;
  std::jthread thread_;
};

std::string http(std::string_view status, std::string_view body) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

struct Rubbish {
  std::string answer;
  ErrorCode code;
  std::string_view says;
};

TEST(ClickhouseClient, SaysWhatAServerIsThatIsNoClickhouse) {
  const std::array rubbish = {
      Rubbish{"SSH-2.0-OpenSSH\r\n", ErrorCode::parse, "does not speak HTTP"},
      Rubbish{http("200 OK", "\xff\xff\xff\xff\xff\xff\xff\xff\xff"), ErrorCode::parse,
              "makes no sense"},
      Rubbish{http("404 Not Found", "<html>\x1b[31m"), ErrorCode::parse,
              "HTTP 404, \"<html>?[31m\""},
      Rubbish{http("500 Oops", "Code: 210, e.displayText() = DB::Exception: Away, e.what() = x"),
              ErrorCode::busy, "Away"},
      Rubbish{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", ErrorCode::busy, "127.0.0.1"},
  };
  for (const Rubbish& one : rubbish) {
    const OneAnswer server(one.answer);
    const auto opened = ClickhouseStore::open(server.url());
    ASSERT_EQ(error_code(opened), one.code) << one.answer;
    EXPECT_NE(opened.error().message.find(one.says), std::string::npos) << opened.error().message;
  }
}

TEST(ClickhouseClient, TheNumbersOfItsErrorsAreToldApart) {
  constexpr std::string_view no_tables =
      "; `agentaudit schema clickhouse` prints what makes the tables";
  constexpr std::string_view other_tables =
      "; the tables are not those that `agentaudit schema clickhouse` makes";
  constexpr std::string_view no_user = "; check user and password of the URL";
  struct Numbered {
    int number;
    ErrorCode code;
    std::string_view way_out;
  };
  const std::array all = {
      Numbered{60, ErrorCode::not_found, no_tables},
      Numbered{81, ErrorCode::not_found, no_tables},
      Numbered{16, ErrorCode::not_a_trail, other_tables},
      Numbered{47, ErrorCode::not_a_trail, other_tables},
      Numbered{192, ErrorCode::permission, no_user},
      Numbered{497, ErrorCode::permission, no_user},
      Numbered{516, ErrorCode::permission, no_user},
      Numbered{159, ErrorCode::deadline, ""},
      Numbered{160, ErrorCode::deadline, ""},
      Numbered{164, ErrorCode::read_only, ""},
      Numbered{242, ErrorCode::read_only, ""},
      Numbered{202, ErrorCode::busy, ""},
      Numbered{241, ErrorCode::busy, ""},
      Numbered{999, ErrorCode::busy, ""},
      Numbered{243, ErrorCode::full, ""},
      Numbered{1, ErrorCode::io, ""},
  };
  for (const Numbered& one : all) {
    const OneAnswer server(http("500 Oops", "Code: " + std::to_string(one.number) +
                                                ". DB::Exception: Why it is so\nand more"));
    const auto opened = ClickhouseStore::open(server.url());
    ASSERT_EQ(error_code(opened), one.code) << one.number;
    EXPECT_TRUE(opened.error().message.ends_with(": Why it is so" + std::string(one.way_out)))
        << opened.error().message;
  }
}

TEST(ClickhouseClient, AnAnswerThatIsTooLargeIsNotTaken) {
  for (const std::string& body : {std::string(101, 'x'), std::string(100, 'x')}) {
    const OneAnswer server(http("200 OK", body));
    auto address = ClickhouseAddress::parse(server.url());
    ASSERT_TRUE(address);
    address->answer_bytes_max = 100;
    const auto client = ClickhouseClient::make(*address);
    ASSERT_TRUE(client) << client.error().message;
    const auto answer = (*client)->query("SELECT 1");
    if (body.size() == 100) {
      EXPECT_EQ(answer, body);
      continue;
    }
    ASSERT_EQ(error_code(answer), ErrorCode::too_large);
    EXPECT_TRUE(answer.error().message.ends_with(": the answer is over 100 bytes; ask for less"));
  }
}

TEST(ClickhouseClient, AServerWithoutTlsIsRefusedWhereItIsAskedFor) {
  const OneAnswer server(http("400 Bad Request", ""));
  std::string url = server.url();
  url.insert(url.find("://"), "s");
  const auto opened = ClickhouseStore::open(url);
  ASSERT_EQ(error_code(opened), ErrorCode::permission);
  EXPECT_NE(opened.error().message.find("127.0.0.1"), std::string::npos);
}

TEST(ClickhouseClient, AServerThatDoesNotAnswerIsADeadline) {
  const OneAnswer server("");
  const auto opened = ClickhouseStore::open(server.url(), std::chrono::milliseconds(200));
  ASSERT_EQ(error_code(opened), ErrorCode::deadline);
  EXPECT_NE(opened.error().message.find("did not answer within 200 ms"), std::string::npos);
}

}  // namespace
}  // namespace agentaudit
