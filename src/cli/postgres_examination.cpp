#include <string>
#include <utility>

#include "agentaudit/store/postgres_store.h"
#include "cli/examination.h"
#include "cli/version.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

class PostgresExamination : private Findings {
 public:
  PostgresExamination(const std::string& url, const std::filesystem::path& beside)
      : url_(url), beside_(beside) {}

  std::vector<Finding> run(const std::stop_token& stop) {
    found("agentaudit", std::string(version_text));
    look_at_what_waits(beside_);
    PostgresStoreOptions options;
    options.read_only = true;
    auto store = PostgresStore::open(url_, options);
    const auto info = store ? (*store)->info() : fail(store.error());
    if (!info) {
      const bool missing = info.error().code == ErrorCode::not_found;
      wrong("trail", info.error().message,
            missing ? "The first agentaudit record makes it, or agentaudit schema postgres." : "");
      return take();
    }
    look_at_server(*info);
    look_at_role(*info);
    look_at_tables(*info);
    look_at_events(**store, stop);
    return take();
  }

 private:
  void look_at_server(const PostgresStoreInfo& info) {
    const std::string value = "PostgreSQL " + info.server_version + " at " + info.server + ", " +
                              (info.tls.empty() ? "not encrypted" : info.tls);
    if (info.is_durable) {
      found("server", value,
            info.tls.empty() ? "Off this machine, add sslmode=verify-full to the URL." : "");
    } else {
      wrong("server", value,
            "It runs with fsync or full_page_writes off: what is acknowledged is lost when its "
            "machine fails.");
    }
  }

  void look_at_role(const PostgresStoreInfo& info) {
    std::string value = info.role;
    value += info.is_owner     ? ", owner of the tables"
             : info.may_delete ? ", may write and delete"
             : info.may_write  ? ", may write"
                               : ", may read";
    found("role", value,
          info.is_owner ? "An owner can rewrite the trail: record as a member of "
                          "agentaudit_writer (agentaudit schema postgres)."
                        : "");
  }

  void look_at_tables(const PostgresStoreInfo& info) {
    found("trail", info.trail_id + ", made " + milliseconds_text(info.created) + ", format " +
                       std::to_string(info.format));
    std::string value = bytes_text(info.bytes) + ", " + count_text(info.months, "month", "months") +
                        ", " + count_text(info.events_of_no_month, "event", "events") +
                        " outside of them";
    value += info.has_trigrams ? ", an index of trigrams" : ", no index of trigrams";
    found("tables", value,
          info.has_trigrams ? "" : "Searches read every event that the other filters leave.");
    found("events", count_text(info.events, "event", "events") + ", the last id is " +
                        std::to_string(info.last_id));
  }

  void look_at_events(PostgresStore& store, const std::stop_token& stop) {
    const auto verified = store.verify({}, stop);
    if (!verified) {
      wrong("soundness", verified.error().message, "");
    } else if (verified->integrity.total == 0) {
      found("soundness", "every event is what was recorded, and every count is as it should be");
    } else {
      wrong("soundness", verified->integrity.first.front().what, "agentaudit verify tells more.");
    }
  }

  const std::string& url_;
  const std::filesystem::path& beside_;
};

}  // namespace

std::vector<Finding> examine_postgres(const std::string& url, const std::filesystem::path& beside,
                                      const std::stop_token& stop) {
  return PostgresExamination(url, beside).run(stop);
}

}  // namespace agentaudit
