// Two shards of a ClickHouse and the ZooKeeper between them: on loopback, in temporary
// directories.
#pragma once

#include <memory>
#include <vector>

#include <sys/types.h>

#include "store/clickhouse_server.h"
#include "store/scratch_directory.h"

namespace agentaudit {

class ClickhouseCluster {
 public:
  // Empty: it can run. Else what is not installed.
  static std::string missing();

  ClickhouseCluster();
  ClickhouseCluster(const ClickhouseCluster&) = delete;
  ClickhouseCluster& operator=(const ClickhouseCluster&) = delete;
  ~ClickhouseCluster();

  // The cluster is called `fleet`.
  [[nodiscard]] const ClickhouseServer& shard(std::size_t i) const { return *shards_[i]; }

 private:
  void start_zookeeper(int port);

  ScratchDirectory scratch_;
  pid_t zookeeper_ = -1;
  std::vector<std::unique_ptr<ClickhouseServer>> shards_;
};

}  // namespace agentaudit
