// What the tests of SqliteStore::verify share: a trail that is changed behind its back.
#pragma once

#include <fstream>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "store/sqlite_trail.h"

namespace agentaudit {

inline Event act(std::string status, std::string span, std::string parent = "",
                 std::string category = "tool_call") {
  Event event = event_at(at(1));
  event.category = std::move(category);
  event.status = std::move(status);
  event.trace_id = "0af7651916cd43dd8448eb211c80319c";
  event.span_id = std::move(span);
  event.parent_span_id = std::move(parent);
  return event;
}

class SqliteVerifyTrail : public SqliteTrail {
 protected:
  Verification verified(const VerifyOpts& opts = {}) {
    const auto result = open({.read_only = true, .query_threads = 2})->verify(opts, {});
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : Verification{};
  }

  void change(const std::string& sql) {
    SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
    const auto changed = connection.exec(sql);
    ASSERT_TRUE(changed) << changed.error().message;
  }

  // Changes the first page of a table or an index.
  void change_page(const std::string& which, const std::function<void(std::string&)>& edit) {
    constexpr std::streamoff bytes = 16'384;
    const auto number = static_cast<std::streamoff>(
        raw().integer("SELECT rootpage FROM sqlite_schema WHERE " + which).value());
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    std::string page(bytes, '\0');
    file.seekg((number - 1) * bytes).read(page.data(), bytes);
    edit(page);
    file.seekp((number - 1) * bytes).write(page.data(), bytes);
  }

  // One finding of integrity, about that event.
  void expect_tampered(EventId id, const std::string& what) {
    const Verification result = verified();
    EXPECT_EQ(result.verdict, Verdict::tampered);
    ASSERT_FALSE(result.integrity.first.empty());
    EXPECT_EQ(result.integrity.first[0].id, id) << result.integrity.first[0].what;
    EXPECT_NE(result.integrity.first[0].what.find(what), std::string::npos)
        << result.integrity.first[0].what;
  }

  void expect_incomplete(EventId id, const std::string& what) {
    const Verification result = verified();
    EXPECT_EQ(result.verdict, Verdict::incomplete);
    EXPECT_EQ(result.completeness.total, 1);
    ASSERT_EQ(result.completeness.first.size(), 1);
    EXPECT_EQ(result.completeness.first[0].id, id);
    EXPECT_NE(result.completeness.first[0].what.find(what), std::string::npos)
        << result.completeness.first[0].what;
  }

  // Computes the tree anew over the rows as they are, as somebody would who can write the
  // file and knows the format.
  void rebuild_tree() {
    change("DELETE FROM tree; UPDATE trail SET value = 1 << 40 WHERE key = 'ledger_backlog'");
    ASSERT_TRUE(open()->seal({.keep_pace = false}, {}));
    change("UPDATE trail SET value = 0 WHERE key = 'ledger_backlog'");
  }
};

}  // namespace agentaudit
