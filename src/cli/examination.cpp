#include "cli/examination.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <utility>

#include "agentaudit/store/sqlite_store.h"
#include "cli/version.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

constexpr std::int64_t free_bytes_min = 256LL << 20U;
constexpr unsigned access_of_others = 077;

std::string mode_text(mode_t mode) {
  std::array<char, 8> digits{};
  const auto end =
      std::to_chars(digits.begin(), digits.end(), static_cast<unsigned>(mode & 07777U), 8).ptr;
  return "0" + std::string(digits.begin(), end);
}

class Examination : private Findings {
 public:
  explicit Examination(std::filesystem::path path) : path_(std::move(path)) {}

  std::vector<Finding> run(const std::stop_token& stop) {
    found("agentaudit", std::string(version_text));
    look_at_file();
    look_at_directory();
    look_at_disk();
    look_at_what_waits(path_);
    look_at_trail(stop);
    return take();
  }

 private:
  void look_at_file() {
    struct stat status{};
    if (::stat(path_.c_str(), &status) != 0) return;  // opening it says why
    std::string value =
        path_.native() + ", " + bytes_text(status.st_size) + ", mode " + mode_text(status.st_mode);
    struct stat log{};
    if (::stat((path_.native() + "-wal").c_str(), &log) == 0) {
      value += ", log " + bytes_text(log.st_size);
    }
    if (status.st_uid != ::geteuid()) {
      wrong("file", value,
            "It belongs to user " + std::to_string(status.st_uid) + ", not to you (" +
                std::to_string(::geteuid()) + "). Record as its owner, or name another trail.");
    } else if ((status.st_mode & access_of_others) != 0) {
      wrong("file", value,
            "Others may open it, and it holds what agents saw: chmod 600 " + path_.native());
    } else {
      found("file", value);
    }
  }

  void look_at_directory() {
    const std::filesystem::path parent =
        path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
    struct stat status{};
    if (::stat(parent.c_str(), &status) != 0) return;
    const std::string value = parent.native() + ", mode " + mode_text(status.st_mode);
    if (::access(parent.c_str(), W_OK | X_OK) != 0) {
      wrong("directory", value, "You may not write to it; the log beside the trail needs that.");
    } else {
      found("directory", value);
    }
  }

  void look_at_disk() {
    struct statvfs disk{};
    const std::filesystem::path parent = path_.parent_path();
    if (::statvfs(parent.empty() ? "." : parent.c_str(), &disk) != 0) return;
    const auto free_bytes = static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize);
    const std::string value = bytes_text(free_bytes) + " free";
    if (free_bytes < free_bytes_min) {
      wrong("disk", value, "Make room, or agentaudit prune --older-than 90d.");
    } else {
      found("disk", value);
    }
  }

  void look_at_trail(const std::stop_token& stop) {
    auto store = SqliteStore::open(path_, {.read_only = true, .create = false});
    if (!store) {
      const bool missing = store.error().code == ErrorCode::not_found;
      wrong("trail", store.error().message,
            missing ? "The first agentaudit record or hook makes it." : "");
      return;
    }
    const auto info = (*store)->info();
    if (!info) {
      wrong("trail", info.error().message, "");
      return;
    }
    look_at_info(*info);
    const auto checked = (*store)->check(stop);
    if (checked) {
      found("soundness", "every page and every count is as it should be");
    } else {
      wrong("soundness", checked.error().message,
            "Keep a copy of the file and of its -wal, then save what can be read: agentaudit "
            "export -o saved.jsonl");
    }
  }

  void look_at_info(const SqliteStoreInfo& info) {
    found("sqlite", info.sqlite_version, wal_reset_note(info.sqlite_version));
    found("trail", info.trail_id + ", made " + milliseconds_text(info.created) + ", format " +
                       std::to_string(info.schema_version));
    const std::string settings = "journal " + info.journal_mode + ", pages of " +
                                 bytes_text(info.page_bytes) + ", " + count_text(info.pages) +
                                 " of them, " + count_text(info.free_pages) + " free";
    if (info.journal_mode == "wal") {
      found("settings", settings);
    } else {
      wrong("settings", settings,
            "The journal mode should be wal; the next agentaudit record sets it back.");
    }
    std::string events = count_text(info.events, "event", "events");
    if (info.events > 0) {
      events += ", ids " + std::to_string(info.first_id) + " to " + std::to_string(info.last_id);
    }
    found("events", events);
  }

  static std::string wal_reset_note(const std::string& version) {
    if (is_at_least(version, {3, 51, 3})) return {};
    return "Before 3.51.3, SQLite can lose commits when two programs write at once. agentaudit "
           "rules that out with a lock of its own; let no other program write to the trail.";
  }

  static bool is_at_least(std::string_view version, std::array<int, 3> least) {
    std::array<int, 3> parts{};
    for (int& part : parts) {
      const char* const end = version.data() + version.size();
      const char* const stop = std::from_chars(version.data(), end, part).ptr;
      version.remove_prefix(static_cast<std::size_t>(stop - version.data()));
      if (!version.empty()) version.remove_prefix(1);
    }
    return parts >= least;
  }

  const std::filesystem::path path_;
};

}  // namespace

std::vector<Finding> examine(const std::filesystem::path& path, const std::stop_token& stop) {
  return Examination(path).run(stop);
}

}  // namespace agentaudit
