#include "agentaudit/ledger/bundle.h"

#include <algorithm>
#include <optional>

#include "agentaudit/core/event_json.h"
#include "core/hex.h"
#include "core/json_value.h"
#include "ledger/base64.h"
#include "ledger/bundle_writer.h"
#include "ledger/checkpoint.h"
#include "ledger/proof.h"

namespace agentaudit {
namespace {

Error unreadable(const std::string& what) {
  return {.code = ErrorCode::parse, .message = "no evidence bundle: " + what};
}

template <std::size_t Bytes>
bool read_hex(std::string_view text, std::array<std::uint8_t, Bytes>& out) {
  std::array<char, Bytes> bytes{};
  if (!from_hex(text, bytes)) return false;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return true;
}

class BundleCheck {
 public:
  BundleCheck(const JsonValue& root, std::vector<NoteVerifier> keys)
      : root_(root), keys_(std::move(keys)) {}

  Result<Verification> run() {
    if (root_.string_at("format") != bundle_format) {
      return fail(unreadable(R"("format" is not ")" + std::string(bundle_format) + '"'));
    }
    const JsonValue* const tree = root_.find("tree");
    const JsonValue* const size = tree == nullptr ? nullptr : tree->find("size");
    const std::int64_t leaves = size == nullptr ? 0 : size->to_int64().value_or(0);
    const auto root = tree == nullptr ? std::nullopt : hash_from_base64(tree->string_at("root"));
    const JsonValue* const events = root_.find("events");
    const JsonValue* const index = root_.find("index");
    if (leaves < 1 || !root || events == nullptr || index == nullptr ||
        events->kind != JsonValue::Kind::array || index->kind != JsonValue::Kind::array) {
      return fail(unreadable("tree, events or index are not what they should be"));
    }
    tree_root_ = *root;
    result_.leaves = leaves;
    result_.root = tree->string_at("root");
    result_.trail_id = tree->string_at("trail_id");
    if (root_.string_at("about") != bundle_about()) tampered(0, "its introduction was changed");
    check_checkpoint();
    if (index->items.size() != events->items.size()) {
      tampered(0, "its index has " + std::to_string(index->items.size()) + " lines for " +
                      std::to_string(events->items.size()) + " events");
    }
    for (std::size_t i = 0; i < events->items.size(); ++i) {
      if (auto checked = check_event(events->items[i], i); !checked) return fail(checked.error());
      if (i < index->items.size() && index->items[i].string != index_line(event_.event)) {
        tampered(event_.event.id, "the index line of " + name_of_event() + " was changed");
      }
    }
    result_.verdict = result_.integrity.total > 0 ? Verdict::tampered : Verdict::intact;
    return std::move(result_);
  }

 private:
  void tampered(EventId id, std::string what) {
    ++result_.integrity.total;
    if (result_.integrity.first.size() == VerifyFindings::kept_max) return;
    result_.integrity.first.push_back({.id = id, .what = std::move(what)});
  }

  [[nodiscard]] std::string name_of_event() const {
    return "event " + std::to_string(event_.event.id);
  }

  void check_checkpoint() {
    const JsonValue* const value = root_.find("checkpoint");
    if (value == nullptr || value->kind == JsonValue::Kind::null) {
      if (!keys_.empty()) tampered(0, "it has no checkpoint, so nothing that a key signed");
      return;
    }
    const auto note = parse_note(value->string);
    const auto checkpoint =
        note ? parse_checkpoint(note->text) : Result<Checkpoint>(fail(note.error()));
    if (!checkpoint) {
      tampered(0, "its checkpoint cannot be read: " + checkpoint.error().message);
      return;
    }
    if (checkpoint->size != static_cast<std::uint64_t>(result_.leaves) ||
        checkpoint->root != tree_root_ || !checkpoint->origin.ends_with('/' + result_.trail_id)) {
      tampered(0, "its checkpoint is of another tree");
      return;
    }
    if (keys_.empty()) return;
    if (std::none_of(keys_.begin(), keys_.end(),
                     [&](const NoteVerifier& key) { return key.verify(*note).has_value(); })) {
      tampered(0, "its checkpoint is not signed by the key that was asked for");
      return;
    }
    result_.level = ProofLevel::signed_checkpoint;
    result_.sealed = result_.leaves;
  }

  Result<void> check_event(const JsonValue& value, std::size_t i) {
    const std::string name = "event number " + std::to_string(i + 1);
    if (auto read = read_event(value); !read) {
      return fail(unreadable(name + ": " + read.error().message));
    }
    const std::string entry = entry_of(event_);
    const auto said = from_base64(value.string_at("entry"));
    const EventId id = event_.event.id;
    // One way to write it, so that whoever reads it by hand reads what was proved.
    const bool as_written = value.find("event")->raw == to_json(event_.event) &&
                            value.string_at("recorded_at") == event_.recorded_at.to_string();
    if (!as_written || !said || *said != entry) {
      tampered(id, name_of_event() + " is not what its entry says");
      return {};
    }
    const auto proved = verify_inclusion(static_cast<std::uint64_t>(id - 1),
                                         static_cast<std::uint64_t>(result_.leaves),
                                         leaf_hash(entry), event_.proof, tree_root_);
    if (!proved) {
      tampered(id, name_of_event() + " is not proved to be in the tree");
      return {};
    }
    ++result_.events;
    if (event_.summary.redacted || event_.detail.redacted) ++result_.redacted;
    return {};
  }

  Result<void> read_event(const JsonValue& value) {
    event_ = {};
    const JsonValue* const fields = value.find("event");
    const JsonValue* const proof = value.find("proof");
    if (fields == nullptr || proof == nullptr || proof->kind != JsonValue::Kind::array) {
      return fail(ErrorCode::parse, "it has no event or no proof");
    }
    auto event = event_from_json(fields->raw);
    if (!event) return fail(event.error());
    event_.event = std::move(*event);
    const auto recorded_at = Timestamp::parse(value.string_at("recorded_at"));
    if (!recorded_at) return fail(recorded_at.error());
    event_.recorded_at = *recorded_at;
    if (event_.event.id < 1) return fail(ErrorCode::parse, "it has no id");
    for (const auto& [name, text] :
         {std::pair("summary", &event_.summary), std::pair("detail", &event_.detail)}) {
      if (!read_text(value.find(name), *text)) {
        return fail(ErrorCode::parse, std::string(name) + " has neither salt nor commitment");
      }
    }
    for (const JsonValue& item : proof->items) {
      const auto hash = hash_from_base64(item.string);
      if (!hash) return fail(ErrorCode::parse, "a hash of its proof is not 32 bytes in base64");
      event_.proof.push_back(*hash);
    }
    return {};
  }

  static bool read_text(const JsonValue* value, BundledText& text) {
    if (value == nullptr) return false;
    if (value->find("salt") != nullptr) {
      return read_hex(value->string_at("salt"), text.salt.emplace());
    }
    const std::string_view why = value->string_at("hidden");
    text.redacted = why == "redacted";
    return (text.redacted || why == "undisclosed") &&
           read_hex(value->string_at("commitment"), text.commitment);
  }

  const JsonValue& root_;
  std::vector<NoteVerifier> keys_;
  Hash tree_root_{};
  BundledEvent event_;  // the one that is being checked
  Verification result_;
};

}  // namespace

Result<Verification> verify_bundle(std::string_view json, const std::vector<std::string>& keys) {
  std::vector<NoteVerifier> verifiers;
  for (const std::string& text : keys) {
    auto key = NoteVerifier::from_text(text);
    if (!key) return fail(ErrorCode::invalid_argument, "key: " + key.error().message);
    verifiers.push_back(std::move(*key));
  }
  const auto document = JsonDocument::parse(json);
  if (!document) return fail(document.error());
  return BundleCheck(document->root(), std::move(verifiers)).run();
}

}  // namespace agentaudit
