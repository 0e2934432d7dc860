// A certificate for tests, signed by itself.
#pragma once

#include <string>

namespace agentaudit {

struct SelfSigned {
  std::string certificate;  // PEM, as the next
  std::string private_key;
};

// Of a name as OpenSSL writes it, `IP:127.0.0.1` or `DNS:localhost`, for an hour.
SelfSigned self_signed(const std::string& name);

}  // namespace agentaudit
