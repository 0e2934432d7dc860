#include "store/redaction_record.h"

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/names.h"
#include "core/bytes.h"
#include "ledger/leaf.h"
#include "store/hold_record.h"

namespace agentaudit {
namespace {

std::string held_text(const std::string& name, const Hold& hold) {
  const std::string id = std::to_string(hold.id);
  std::string message = name + " is under hold " + id + " (";
  append_json_string(message, hold.opts.reason);
  return message + "), so it stays as it is until `agentaudit hold release " + id + "`";
}

Result<void> check(const RedactOpts& opts, const RedactionSubject& subject,
                   const std::vector<Hold>& holds) {
  const std::string name = "event " + std::to_string(opts.id);
  const auto refuse = [](std::string why) {
    return fail(ErrorCode::invalid_argument, std::move(why));
  };
  if (!opts.summary && !opts.detail) {
    return refuse("neither summary nor detail is to be redacted");
  }
  if (subject.event.category == category::audit) {
    return refuse(name + " is a record of the trail itself, which stays as it is");
  }
  if ((opts.summary && subject.erased.summary) || (opts.detail && subject.erased.detail)) {
    return refuse(name + " is redacted already");
  }
  const Hold* const hold = hold_of(holds, subject.event);
  if (hold != nullptr) return refuse(held_text(name, *hold));
  return {};
}

}  // namespace

Result<Event> redacted_record(const RedactOpts& opts, const RedactionSubject& subject,
                              const std::vector<Hold>& holds, std::string_view trail_id) {
  if (auto checked = check(opts, subject, holds); !checked) return fail(checked.error());
  const std::string id = std::to_string(opts.id);
  const std::string_view fields = opts.summary && opts.detail ? "summary and detail"
                                  : opts.summary              ? "summary"
                                                              : "detail";
  Event record = trail_record(action::redacted, opts.principal);
  record.conversation_id = subject.event.conversation_id;
  record.summary = "redacted " + std::string(fields) + " of event " + id;
  record.detail = R"({"event":)" + id + R"(,"fields":[)";
  if (opts.summary) record.detail += R"("summary")";
  if (opts.summary && opts.detail) record.detail += ',';
  if (opts.detail) record.detail += R"("detail")";
  record.detail += R"(],"trail":")" + std::string(trail_id) + '"';
  append_member(record.detail, "reason", opts.reason);
  record.detail += '}';
  return record;
}

std::string nonce_after(const RedactOpts& opts, const RedactionSubject& subject) {
  const bool summary_stays = !opts.summary && !subject.erased.summary;
  const bool detail_stays = !opts.detail && !subject.erased.detail;
  if (!summary_stays && !detail_stays) return {};
  const auto salt =
      kept_salt(subject.nonce, summary_stays ? SecretField::summary : SecretField::detail);
  return salt ? std::string(view_of(*salt)) : std::string();
}

Error no_event_to_redact(EventId id) {
  return {.code = ErrorCode::not_found, .message = "there is no event " + std::to_string(id)};
}

}  // namespace agentaudit
