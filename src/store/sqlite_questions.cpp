// The questions of SqliteStore.

#include "agentaudit/store/sqlite_store.h"
#include "store/sqlite_conversations.h"
#include "store/sqlite_groups.h"
#include "store/sqlite_list.h"
#include "store/sqlite_open_intents.h"
#include "store/sqlite_stats.h"
#include "store/sqlite_store_impl.h"

namespace agentaudit {

Result<ListResult> SqliteStore::list(const ListOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<ListResult>(stop, impl_->options.query_timeout, [&](SqliteReader& reader) {
    return sqlite_list(reader, *valid, impl_->options.search_total_budget);
  });
}

Result<Stats> SqliteStore::stats(const StatsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<Stats>(stop, impl_->options.query_timeout,
                            [&](SqliteReader& reader) { return sqlite_stats(reader, *valid); });
}

Result<GroupsResult> SqliteStore::groups(const GroupsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<GroupsResult>(stop, impl_->options.query_timeout, [&](SqliteReader& reader) {
    return sqlite_groups(reader, *valid);
  });
}

Result<Event> SqliteStore::get(EventId id) {
  return impl_->read<Event>({}, impl_->options.query_timeout,
                            [&](SqliteReader& reader) { return reader.event(id); });
}

Result<ConversationsResult> SqliteStore::conversations(const ConversationsOpts& opts,
                                                       std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<ConversationsResult>(
      stop, impl_->options.query_timeout,
      [&](SqliteReader& reader) { return sqlite_conversations(reader, *valid); });
}

Result<OpenIntentsResult> SqliteStore::open_intents(const OpenIntentsOpts& opts,
                                                    std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<OpenIntentsResult>(
      stop, impl_->options.query_timeout,
      [&](SqliteReader& reader) { return sqlite_open_intents(reader, *valid); });
}

}  // namespace agentaudit
