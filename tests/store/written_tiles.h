// Tiles as a store writes them, kept in memory.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "agentaudit/store/store.h"

namespace agentaudit {

using TileFiles = std::map<std::string, std::string>;  // by their paths

// Writes what has come since the checkpoint `written`. The paths of the files, in their order.
inline std::vector<std::string> write_tiles(Store& store, TileFiles& files,
                                            const std::string& written = "") {
  std::vector<std::string> came;
  TileOpts opts;
  opts.written = written;
  opts.write = [&](const std::string& path, std::string_view bytes) -> Result<void> {
    came.push_back(path);
    files[path] = bytes;
    return {};
  };
  const auto counts = store.tiles(opts, {});
  EXPECT_TRUE(counts) << counts.error().message;
  return came;
}

}  // namespace agentaudit
