// A certificate for tests, signed by itself.
#pragma once

#include <string>

namespace agentaudit {

struct SelfSigned {
  std::string certificate;  // PEM, as the next
  std::string private_key;
};

// Of that IP address, for an hour.
SelfSigned self_signed(const std::string& address);

}  // namespace agentaudit
