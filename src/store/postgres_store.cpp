#include "agentaudit/store/postgres_store.h"

#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "core/sha256.h"
#include "store/batch_check.h"
#include "store/postgres_holds.h"
#include "store/postgres_info.h"
#include "store/postgres_listener.h"
#include "store/postgres_proof.h"
#include "store/postgres_prune.h"
#include "store/postgres_questions.h"
#include "store/postgres_record.h"
#include "store/postgres_redact.h"
#include "store/postgres_retention.h"
#include "store/postgres_schema.h"
#include "store/postgres_store_impl.h"
#include "store/postgres_verify.h"

namespace agentaudit {
namespace {

// Tells a batch from another. Of each event what the caller gave.
template <typename Events>
std::string digest_of(const Events& events) {
  Sha256 hasher;
  const auto add = [&](std::string_view bytes) {
    hasher.update(std::to_string(bytes.size()) + ':');
    hasher.update(bytes);
  };
  const auto add_event = [&](const EventView& event) {
    for (const std::string_view text :
         {event.category, event.action, event.agent, event.summary, event.detail, event.status,
          event.source, event.conversation_id, event.target, event.principal, event.trace_id,
          event.span_id, event.parent_span_id}) {
      add(text);
    }
    add(std::to_string(event.timestamp.ns()));
    add(std::to_string(event.duration.count()));
  };
  for (const auto& one : events) {
    if constexpr (requires { one.origin_key; }) {
      add(one.origin_key);
      add_event(one.event);
    } else {
      add_event(one);
    }
  }
  return std::string(view_of(hasher.digest()));
}

}  // namespace

PostgresStore::PostgresStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::shared_ptr<PostgresStore>> PostgresStore::open(std::string_view url,
                                                           const PostgresStoreOptions& options) {
  auto impl = std::make_unique<Impl>(url, options);
  if (options.read_only) {
    wipe(impl->options.signing_key);
    auto connection = impl->readers.take({});
    if (!connection) return fail(connection.error());
    auto ensured = postgres_schema::ensure(**connection, false);
    impl->readers.give_back(std::move(*connection));
    if (!ensured) return fail(ensured.error());
  } else {
    if (auto connected = impl->connect_writer(); !connected) return fail(connected.error());
    auto ensured = postgres_schema::ensure(impl->writer->connection(), options.create);
    if (!ensured) return fail(ensured.error());
    if (auto made = impl->make_signer(); !made) return fail(made.error());
  }
  return std::shared_ptr<PostgresStore>(new PostgresStore(std::move(impl)));
}

PostgresStore::~PostgresStore() {
  if (impl_->fork_guard.in_child()) {
    // The parent's server must not be told that it leaves.
    (void)impl_.release();
    return;
  }
  (void)close();
}

Result<void> PostgresStore::close() {
  Impl& impl = *impl_;
  if (impl.fork_guard.in_child()) return fail(Impl::closed_error());
  if (!impl.closing.stop_requested() && impl.has_unsigned) (void)sign();
  impl.closing.request_stop();
  const std::lock_guard guard(impl.writer_turn);
  impl.writer.reset();
  impl.readers.drop_idle();
  return {};
}

Result<IdRange> PostgresStore::insert_batch(std::span<const EventView> events) {
  if (auto checked = check_batch(events); !checked) return fail(checked.error());
  auto ids = impl_->write<IdRange>([&](PostgresWriter& writer) { return writer.append(events); },
                                   {}, [&] { return digest_of(events); });
  if (ids) impl_->sign_at_leisure();
  return ids;
}

Result<InsertedNew> PostgresStore::insert_new(std::span<const KeyedView> events) {
  if (auto checked = check_batch(events); !checked) return fail(checked.error());
  auto inserted =
      impl_->write<InsertedNew>([&](PostgresWriter& writer) { return writer.append_new(events); },
                                {}, [&] { return digest_of(events); });
  if (inserted) impl_->sign_at_leisure();
  return inserted;
}

Result<std::int64_t> PostgresStore::prune_before(const PruneOpts& opts, std::stop_token stop) {
  if (auto sealed = sign(); !sealed) return fail(sealed.error());
  const PostgresStep step = [&](const std::function<Result<void>(PostgresWriter&)>& work) {
    return impl_->write<void>(work, stop);
  };
  return postgres_prune(step, opts, stop);
}

Result<EventId> PostgresStore::redact(const RedactOpts& opts) {
  const auto redacted = impl_->change<PostgresRedaction>(
      [&](PostgresWriter& writer) { return postgres_redact(writer, opts); });
  if (!redacted) return fail(redacted.error());
  impl_->vacuum(redacted->month);
  return redacted->record;
}

Result<std::int64_t> PostgresStore::add_hold(const HoldOpts& opts) {
  return impl_->change<std::int64_t>(
      [&](PostgresWriter& writer) { return postgres_add_hold(writer, opts); });
}

Result<std::vector<Hold>> PostgresStore::holds() {
  return impl_->read<std::vector<Hold>>({}, postgres_holds);
}

Result<void> PostgresStore::release_hold(std::int64_t id, const std::string& principal,
                                         const std::string& reason) {
  return impl_->change<void>([&](PostgresWriter& writer) {
    return postgres_release_hold(writer, {.id = id, .principal = principal, .reason = reason});
  });
}

Result<void> PostgresStore::set_retention(const RetentionOpts& opts) {
  return impl_->change<void>(
      [&](PostgresWriter& writer) { return postgres_set_retention(writer, opts); });
}

Result<void> PostgresStore::unset_retention(const RetentionOpts& opts) {
  return impl_->change<void>(
      [&](PostgresWriter& writer) { return postgres_unset_retention(writer, opts); });
}

Result<std::vector<RetentionRule>> PostgresStore::retention() {
  return impl_->read<std::vector<RetentionRule>>({}, postgres_retention);
}

Result<ListResult> PostgresStore::list(const ListOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<ListResult>(stop, [&](PostgresConnection& connection) {
    return PostgresQuestion(connection).list(*valid);
  });
}

Result<Stats> PostgresStore::stats(const StatsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<Stats>(stop, [&](PostgresConnection& connection) {
    return PostgresQuestion(connection).stats(*valid);
  });
}

Result<GroupsResult> PostgresStore::groups(const GroupsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<GroupsResult>(stop, [&](PostgresConnection& connection) {
    return PostgresQuestion(connection).groups(*valid);
  });
}

Result<Event> PostgresStore::get(EventId id) {
  return impl_->read<Event>(
      {}, [&](PostgresConnection& connection) { return PostgresQuestion(connection).get(id); });
}

Result<ConversationsResult> PostgresStore::conversations(const ConversationsOpts& opts,
                                                         std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<ConversationsResult>(stop, [&](PostgresConnection& connection) {
    return PostgresQuestion(connection).conversations(*valid);
  });
}

Result<OpenIntentsResult> PostgresStore::open_intents(const OpenIntentsOpts& opts,
                                                      std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<OpenIntentsResult>(stop, [&](PostgresConnection& connection) {
    return PostgresQuestion(connection).open_intents(*valid);
  });
}

Result<Verification> PostgresStore::verify(const VerifyOpts& opts, const std::stop_token& stop) {
  return impl_->read<Verification>(
      stop, [&](PostgresConnection& connection) -> Result<Verification> {
        if (auto unlimited = connection.run("SET LOCAL statement_timeout = 0"); !unlimited) {
          return fail(unlimited.error());
        }
        return postgres_verify(connection, opts, stop);
      });
}

Result<PruneCounts> PostgresStore::preview_prune(const PruneOpts& opts,
                                                 const std::stop_token& stop) {
  return impl_->read<PruneCounts>(stop, [&](PostgresConnection& connection) -> Result<PruneCounts> {
    if (auto unlimited = connection.run("SET LOCAL statement_timeout = 0"); !unlimited) {
      return fail(unlimited.error());
    }
    return postgres_preview_prune(connection, opts);
  });
}

Result<PostgresStoreInfo> PostgresStore::info() {
  return impl_->read<PostgresStoreInfo>({}, postgres_info);
}

Result<EventId> PostgresStore::last_id() {
  return impl_->read<EventId>({}, [](PostgresConnection& connection) {
    return connection.number("SELECT last_id FROM agentaudit_trail");
  });
}

Result<std::unique_ptr<StoreWatch>> PostgresStore::watch(std::function<void()> told) {
  if (impl_->is_closed()) return fail(Impl::closed_error());
  return std::make_unique<PostgresListener>(
      impl_->url, PostgresConnection::Limits{.connect = impl_->connect_timeout()}, std::move(told));
}

Result<std::string> PostgresStore::trail_id() {
  return impl_->read<std::string>({}, postgres_trail_id);
}

Result<std::vector<RecordedEvent>> PostgresStore::recorded(EventId after, std::int64_t limit,
                                                           const std::stop_token& stop) {
  return impl_->read<std::vector<RecordedEvent>>(stop, [&](PostgresConnection& connection) {
    return postgres_recorded(connection, after, limit);
  });
}

Result<std::string> PostgresStore::root_at(std::int64_t size) {
  return impl_->read<std::string>(
      {}, [&](PostgresConnection& connection) { return postgres_root_at(connection, size); });
}

Result<void> PostgresStore::sign() {
  const std::lock_guard guard(impl_->signing);
  if (!impl_->signer) return {};
  impl_->has_unsigned = false;
  auto done = impl_->sign(std::chrono::nanoseconds(0));
  if (!done) impl_->has_unsigned = true;
  return done;
}

Result<std::string> PostgresStore::checkpoint() {
  if (auto signed_now = sign(); !signed_now) return fail(signed_now.error());
  return impl_->read<std::string>({}, [](PostgresConnection& connection) -> Result<std::string> {
    auto notes = read_checkpoints(connection);
    if (!notes) return fail(notes.error());
    if (notes->empty()) return fail(no_checkpoint());
    return std::move(notes->back());
  });
}

Result<void> PostgresStore::note_anchor(const std::string& place) {
  return impl_->write<void>(
      [&](PostgresWriter& writer) { return agentaudit::note_anchor(writer, place); });
}

Result<std::string> PostgresStore::bundle(const BundleOpts& opts) {
  return impl_->read<std::string>(
      {}, [&](PostgresConnection& connection) { return postgres_bundle(connection, opts); });
}

Result<TileCounts> PostgresStore::tiles(const TileOpts& opts, const std::stop_token& stop) {
  return impl_->read<TileCounts>(stop, [&](PostgresConnection& connection) -> Result<TileCounts> {
    if (auto unlimited = connection.run("SET LOCAL statement_timeout = 0"); !unlimited) {
      return fail(unlimited.error());
    }
    return postgres_tiles(connection, opts);
  });
}

}  // namespace agentaudit
