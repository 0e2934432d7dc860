// How much this process has read.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

namespace agentaudit {

// As the kernel counts it, page cache or not; -1: it does not tell.
inline std::int64_t bytes_read() {
  std::ifstream file("/proc/self/io");
  std::string key;
  std::int64_t value = -1;
  file >> key >> value;
  return key == "rchar:" ? value : -1;
}

}  // namespace agentaudit
