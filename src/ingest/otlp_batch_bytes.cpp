#include "ingest/otlp_batch_bytes.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/event_fields.h"

namespace agentaudit {
namespace {

constexpr char form = 1;

// Each reads and writes the same list of fields, so that they cannot come apart.
class Writer {
 public:
  static constexpr bool reads = false;

  explicit Writer(std::string& out) : out_(&out) {}

  void number(std::int64_t value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_->append(bytes, sizeof bytes);
  }
  void text(const std::string& value) {
    number(static_cast<std::int64_t>(value.size()));
    *out_ += value;
  }
  template <std::size_t Size>
  void bytes(const std::array<char, Size>& value) {
    out_->append(value.data(), value.size());
  }
  void flag(bool value) { *out_ += static_cast<char>(value ? 1 : 0); }

 private:
  std::string* out_;
};

class Reader {
 public:
  static constexpr bool reads = true;

  explicit Reader(std::string_view in) : in_(in) {}

  void number(std::int64_t& value) {
    if (const auto taken = take(sizeof value); !taken.empty()) {
      std::memcpy(&value, taken.data(), sizeof value);
    }
  }
  void text(std::string& value) {
    std::int64_t size = 0;
    number(size);
    if (size < 0) failed_ = true;
    value.assign(take(failed_ ? 0 : static_cast<std::size_t>(size)));
  }
  template <std::size_t Size>
  void bytes(std::array<char, Size>& value) {
    const auto taken = take(Size);
    std::copy(taken.begin(), taken.end(), value.begin());
  }
  void flag(bool& value) {
    const auto taken = take(1);
    if (!taken.empty()) value = taken[0] != 0;
  }

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool at_end() const noexcept { return in_.empty(); }
  [[nodiscard]] std::size_t left() const noexcept { return in_.size(); }

 private:
  // Empty when there is not that much.
  std::string_view take(std::size_t size) {
    if (size > in_.size()) failed_ = true;
    if (failed_) return {};
    const std::string_view taken = in_.substr(0, size);
    in_.remove_prefix(size);
    return taken;
  }

  std::string_view in_;
  bool failed_ = false;
};

// The fields of a const value are written, those of another are read.
template <typename Archive, typename Value>
void span_id(Archive& archive, Value& id) {
  archive.bytes(id.trace);
  archive.bytes(id.span);
}

template <typename Archive, typename Value>
void fields(Archive& archive, Value& made, const OtlpEvent& /*type*/) {
  auto& event = made.keyed.event;
  std::int64_t timestamp = event.timestamp.ns();
  std::int64_t duration = event.duration.count();
  archive.number(timestamp);
  archive.number(duration);
  if constexpr (Archive::reads) {
    event.timestamp = Timestamp::from_ns(timestamp);
    event.duration = std::chrono::milliseconds(duration);
  }
  for (const StringField& field : string_fields) archive.text(event.*field.owned);
  archive.text(made.keyed.origin_key);
  span_id(archive, made.span);
  span_id(archive, made.ancestor);
  archive.text(made.agent_default);
  archive.text(made.conversation_default);
  archive.flag(made.awaits_outcome);
  archive.flag(made.awaits_records);
  archive.flag(made.may_repeat_the_call);
  archive.flag(made.is_part_of_span);
  archive.flag(made.is_last_part);
}

template <typename Archive, typename Value>
void fields(Archive& archive, Value& context, const OtlpContext& /*type*/) {
  span_id(archive, context.id);
  span_id(archive, context.parent);
  archive.text(context.agent);
  archive.text(context.conversation);
  archive.text(context.tool);
}

template <typename Archive, typename Value>
void fields(Archive& archive, Value& outcome, const OtlpOutcome& /*type*/) {
  span_id(archive, outcome.call);
  archive.text(outcome.error);
}

template <typename Item>
void write_list(Writer& writer, const std::vector<Item>& items) {
  writer.number(static_cast<std::int64_t>(items.size()));
  for (const Item& item : items) fields(writer, item, item);
}

template <typename Item>
void read_list(Reader& reader, std::vector<Item>& items) {
  std::int64_t count = 0;
  reader.number(count);
  // What the bytes say is not believed: memory is taken item by item.
  for (std::int64_t i = 0; i < count && !reader.failed(); ++i) {
    Item item;
    fields(reader, item, item);
    items.push_back(std::move(item));
  }
}

}  // namespace

void append_otlp_batch(std::string& out, const OtlpBatch& batch) {
  out += form;
  Writer writer(out);
  write_list(writer, batch.events);
  write_list(writer, batch.contexts);
  write_list(writer, batch.outcomes);
}

Result<OtlpBatch> read_otlp_batch(std::string_view bytes) {
  if (bytes.empty() || bytes[0] != form) {
    return fail(ErrorCode::corrupt, "these bytes are no batch of events of a form known here");
  }
  Reader reader(bytes.substr(1));
  OtlpBatch batch;
  read_list(reader, batch.events);
  read_list(reader, batch.contexts);
  read_list(reader, batch.outcomes);
  if (reader.failed() || !reader.at_end()) {
    return fail(ErrorCode::corrupt, "a batch of events ends where it should not");
  }
  return batch;
}

}  // namespace agentaudit
