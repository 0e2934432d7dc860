#include "store/sqlite_redact.h"

#include "core/bytes.h"
#include "store/redaction_record.h"
#include "store/sqlite_holds.h"
#include "store/sqlite_leaf.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_sealer.h"

namespace agentaudit {
namespace {

// What SQLite deletes while one lives, it overwrites with zeros, whole pages too; else only
// within pages that it writes anyway.
class SecureDelete {
 public:
  explicit SecureDelete(SqliteConnection& connection) : connection_(&connection) {}
  SecureDelete(const SecureDelete&) = delete;
  SecureDelete& operator=(const SecureDelete&) = delete;
  ~SecureDelete() { (void)connection_->exec("PRAGMA secure_delete=FAST"); }

  [[nodiscard]] Result<void> begin() { return connection_->exec("PRAGMA secure_delete=ON"); }

 private:
  SqliteConnection* connection_;
};

class Redaction {
 public:
  Redaction(SqliteConnection& connection, SqliteWriter& writer, const RedactOpts& opts)
      : connection_(&connection), writer_(&writer), opts_(opts) {}

  Result<EventId> run() {
    const auto record = read();
    if (!record) return fail(record.error());
    SecureDelete secure(*connection_);
    if (auto begun = secure.begin(); !begun) return fail(begun.error());
    const EventView view(*record);
    if (auto checked = check_limits(view); !checked) return fail(checked.error());
    const auto appended = writer_->append({&view, 1}, [this](IdRange /*ids*/) { return erase(); });
    if (!appended) return fail(appended.error());
    if (auto emptied = empty_log(); !emptied) return fail(emptied.error());
    return appended->first;
  }

 private:
  // What of the row is to stay, and the record of the redaction.
  Result<Event> read() {
    auto transaction = SqliteTransaction::begin_read(*connection_);
    if (!transaction) return fail(transaction.error());
    const auto trail_id = sqlite_schema::trail_id(*connection_);
    if (!trail_id) return fail(trail_id.error());
    const auto holds = read_holds(*connection_);
    if (!holds) return fail(holds.error());
    auto leaves = SqliteLeaves::make(*connection_);
    if (!leaves) return fail(leaves.error());
    leaves->seek(opts_.id, opts_.id);
    const auto leaf = leaves->next();
    if (!leaf) return fail(leaf.error());
    if (*leaf == nullptr) return fail(no_event_to_redact(opts_.id));
    const StoredLeaf& row = **leaf;
    const RedactionSubject subject{
        .event = row.event,
        .nonce = row.nonce,
        .erased = {.id = opts_.id, .summary = row.summary_redacted, .detail = row.detail_redacted}};
    commitments_ = row.commitments;
    nonce_ = nonce_after(opts_, subject);
    auto record = redacted_record(opts_, subject, *holds, *trail_id);
    leaves->end();
    return record;
  }

  // Inside of the transaction that appends the record.
  Result<void> erase() {
    auto keep = connection_->prepare(
        "INSERT INTO redactions(id, summary, detail) VALUES (?1, ?2, ?3) ON CONFLICT(id) DO"
        " UPDATE SET summary = coalesce(summary, ?2), detail = coalesce(detail, ?3)");
    if (!keep) return fail(keep.error());
    keep->bind(1, opts_.id);
    keep->bind_null(2);
    keep->bind_null(3);
    if (opts_.summary) keep->bind_blob(2, view_of(commitments_.summary));
    if (opts_.detail) keep->bind_blob(3, view_of(commitments_.detail));
    if (auto kept = keep->run(); !kept) return kept;

    auto erase = connection_->prepare(
        "UPDATE events SET nonce = ?2, origin_key = NULL, summary = iif(?3, ?4, summary),"
        " detail = iif(?5, ?6, detail) WHERE id = ?1");
    if (!erase) return fail(erase.error());
    erase->bind(1, opts_.id);
    erase->bind_blob(2, nonce_);
    erase->bind(3, std::int64_t{opts_.summary});
    erase->bind_text(4, redacted_summary);
    erase->bind(5, std::int64_t{opts_.detail});
    erase->bind_text(6, redacted_detail);
    if (auto erased = erase->run(); !erased) return erased;
    if (auto counted = sqlite_schema::count_rewrite(*connection_); !counted) return counted;
    return forget_grams();
  }

  // The search filter of a sealed chunk tells something of every text in it.
  Result<void> forget_grams() {
    const std::int64_t chunk = sqlite_schema::chunk_of(opts_.id);
    auto select =
        connection_->prepare("SELECT 1 FROM chunks WHERE chunk = ?1 AND bounds IS NOT NULL");
    if (!select) return fail(select.error());
    select->bind(1, chunk);
    const auto sealed = select->step();
    if (!sealed) return fail(sealed.error());
    if (!*sealed) return {};
    select->reset();
    auto sealer = SqliteSealer::make(*connection_);
    if (!sealer) return fail(sealer.error());
    return sealer->seal_from_rows(chunk);
  }

  // It holds the pages as they were.
  Result<void> empty_log() {
    auto emptied = connection_->empty_log();
    if (emptied || emptied.error().code != ErrorCode::busy) return emptied;
    return fail(ErrorCode::busy,
                "event " + std::to_string(opts_.id) +
                    " is redacted, but readers hold the write-ahead log, which still has its "
                    "text; it goes with the next checkpoint after they are done");
  }

  SqliteConnection* connection_;
  SqliteWriter* writer_;
  const RedactOpts& opts_;
  // Of what is left.
  Commitments commitments_;
  std::string nonce_;
};

}  // namespace

Result<EventId> sqlite_redact(SqliteConnection& connection, SqliteWriter& writer,
                              const RedactOpts& opts) {
  return Redaction(connection, writer, opts).run();
}

}  // namespace agentaudit
