#include "ingest/otlp_protobuf.h"

#include <string>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include "agentaudit/core/limits.h"
#include "agentaudit/ingest/otlp.h"

namespace agentaudit {
namespace {

using protozero::data_view;
using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::tag_and_type;

constexpr auto varint = pbf_wire_type::varint;
constexpr auto fixed64 = pbf_wire_type::fixed64;
constexpr auto bytes = pbf_wire_type::length_delimited;

std::string_view text_of(const data_view& view) { return {view.data(), view.size()}; }

// protozero names its exceptions, which says little to who sent the bytes.
std::string trouble_of(const protozero::exception& error) {
  if (dynamic_cast<const protozero::end_of_buffer_exception*>(&error) != nullptr) {
    return "a field that ends beyond the end";
  }
  if (dynamic_cast<const protozero::unknown_pbf_wire_type_exception*>(&error) != nullptr) {
    return "a field of a wire type that protobuf does not have";
  }
  if (dynamic_cast<const protozero::varint_too_long_exception*>(&error) != nullptr) {
    return "a number of more than ten bytes";
  }
  return "a field with a number that protobuf does not have";
}

class Reader {
 public:
  Reader(std::string_view body, OtlpRecords wanted, OtlpVisitor& visitor)
      : body_(body), wanted_(wanted), visitor_(visitor) {}

  Result<void> read() {
    pbf_reader message(body_.data(), body_.size());
    std::size_t offset = 0;
    try {
      while (message.next()) {
        if (message.tag_and_type() == tag_and_type(1, bytes)) {
          const data_view part = message.get_view();
          guarded([&] { resource_records(part); });
        } else {
          message.skip();
        }
        offset = body_.size() - message.length();
      }
    } catch (const protozero::exception& error) {
      return fail(ErrorCode::parse, "no OTLP in protobuf: " + trouble_of(error) + " after byte " +
                                        std::to_string(offset));
    }
    return {};
  }

 private:
  // Reads a part; what is wrong with it does not disturb what is beside it.
  template <typename Read>
  void guarded(const Read& read) {
    try {
      read();
    } catch (const protozero::exception& error) {
      visitor_.on_bad("a message that is damaged: " + trouble_of(error));
    }
  }

  // ResourceSpans and ResourceLogs are of one shape, so are what they consist of. The
  // resource may come after its records: it is looked for first.
  void resource_records(const data_view& view) {
    scope_.resource.clear();
    room_ = {};
    pbf_reader resource_message(view);
    while (resource_message.next(1, bytes)) {
      pbf_reader resource(resource_message.get_view());
      while (resource.next(1, bytes)) {
        attribute(resource.get_view(), scope_.resource, 1);
      }
    }
    visitor_.on_resource(scope_);
    pbf_reader message(view);
    while (message.next(2, bytes)) {
      const data_view part = message.get_view();
      guarded([&] { scope_records(part); });
    }
  }

  void scope_records(const data_view& view) {
    scope_.name = {};
    pbf_reader scope_message(view);
    while (scope_message.next(1, bytes)) {
      pbf_reader scope(scope_message.get_view());
      while (scope.next(1, bytes)) scope_.name = text_of(scope.get_view());
    }
    pbf_reader message(view);
    while (message.next(2, bytes)) {
      const data_view part = message.get_view();
      guarded([&] { wanted_ == OtlpRecords::spans ? span(part) : log_record(part); });
    }
  }

  void span(const data_view& view) {
    OtlpSpan& span = span_;
    span.trace_id = span.span_id = span.parent_span_id = span.name = span.status_message = {};
    span.start_ns = span.end_ns = 0;
    span.status_code = 0;
    room_ = {};
    span.attributes.clear();
    span.events.clear();
    pbf_reader message(view);
    while (message.next()) {
      switch (message.tag_and_type()) {
        case tag_and_type(1, bytes): span.trace_id = text_of(message.get_view()); break;
        case tag_and_type(2, bytes): span.span_id = text_of(message.get_view()); break;
        case tag_and_type(4, bytes): span.parent_span_id = text_of(message.get_view()); break;
        case tag_and_type(5, bytes): span.name = text_of(message.get_view()); break;
        case tag_and_type(7, fixed64): span.start_ns = message.get_fixed64(); break;
        case tag_and_type(8, fixed64): span.end_ns = message.get_fixed64(); break;
        case tag_and_type(9, bytes): attribute(message.get_view(), span.attributes, 1); break;
        case tag_and_type(11, bytes): span_event(message.get_view()); break;
        case tag_and_type(15, bytes): status(message.get_view()); break;
        default: message.skip();
      }
    }
    span.left_out = room_.left_out();
    visitor_.on_span(scope_, span);
  }

  void status(const data_view& view) {
    pbf_reader message(view);
    while (message.next()) {
      switch (message.tag_and_type()) {
        case tag_and_type(2, bytes): span_.status_message = text_of(message.get_view()); break;
        case tag_and_type(3, varint): span_.status_code = message.get_int64(); break;
        default: message.skip();
      }
    }
  }

  void span_event(const data_view& view) {
    if (!room_.take()) return;
    OtlpSpanEvent& event = span_.events.emplace_back();
    pbf_reader message(view);
    while (message.next()) {
      switch (message.tag_and_type()) {
        case tag_and_type(2, bytes): event.name = text_of(message.get_view()); break;
        case tag_and_type(3, bytes): attribute(message.get_view(), event.attributes, 1); break;
        default: message.skip();
      }
    }
  }

  void log_record(const data_view& view) {
    OtlpLogRecord record;
    room_ = {};
    pbf_reader message(view);
    while (message.next()) {
      switch (message.tag_and_type()) {
        case tag_and_type(1, fixed64): record.time_ns = message.get_fixed64(); break;
        case tag_and_type(11, fixed64): record.observed_ns = message.get_fixed64(); break;
        case tag_and_type(2, varint): record.severity_number = message.get_int64(); break;
        case tag_and_type(3, bytes): record.severity_text = text_of(message.get_view()); break;
        case tag_and_type(5, bytes): value(message.get_view(), record.body, 1); break;
        case tag_and_type(6, bytes): attribute(message.get_view(), record.attributes, 1); break;
        case tag_and_type(9, bytes): record.trace_id = text_of(message.get_view()); break;
        case tag_and_type(10, bytes): record.span_id = text_of(message.get_view()); break;
        case tag_and_type(12, bytes): record.event_name = text_of(message.get_view()); break;
        default: message.skip();
      }
    }
    record.left_out = room_.left_out();
    visitor_.on_log_record(scope_, record);
  }

  // KeyValue.
  void attribute(const data_view& view, OtlpAttributes& attributes, int depth) {
    if (!room_.take()) return;
    OtlpAttribute& kept = attributes.emplace_back();
    pbf_reader message(view);
    while (message.next()) {
      switch (message.tag_and_type()) {
        case tag_and_type(1, bytes): kept.key = text_of(message.get_view()); break;
        case tag_and_type(2, bytes): value(message.get_view(), kept.value, depth); break;
        default: message.skip();
      }
    }
  }

  // AnyValue: of a oneof the last counts.
  void value(const data_view& view, OtlpValue& out, int depth) {
    using Kind = OtlpValue::Kind;
    pbf_reader message(view);
    while (message.next()) {
      switch (message.tag_and_type()) {
        case tag_and_type(1, bytes):
          out.kind = Kind::text;
          out.text = text_of(message.get_view());
          break;
        case tag_and_type(2, varint):
          out.kind = Kind::boolean;
          // get_bool reads a byte before it looks whether there is one.
          out.boolean = message.get_uint64() != 0;
          break;
        case tag_and_type(3, varint):
          out.kind = Kind::integer;
          out.integer = message.get_int64();
          break;
        case tag_and_type(4, fixed64):
          out.kind = Kind::real;
          out.real = message.get_double();
          break;
        case tag_and_type(5, bytes): list(message.get_view(), out, depth); break;
        case tag_and_type(6, bytes): map(message.get_view(), out, depth); break;
        case tag_and_type(7, bytes):
          out.kind = Kind::bytes;
          out.text = text_of(message.get_view());
          break;
        default: message.skip();
      }
    }
  }

  bool enter(OtlpValue& out, OtlpValue::Kind kind, int depth) {
    out.items.clear();
    out.members.clear();
    const bool fits = depth < limits::otlp_value_depth_max;
    out.kind = fits ? kind : OtlpValue::Kind::none;
    return fits || room_.leave_out();
  }

  void list(const data_view& view, OtlpValue& out, int depth) {
    if (!enter(out, OtlpValue::Kind::list, depth)) return;
    pbf_reader message(view);
    while (message.next(1, bytes)) {
      const data_view item = message.get_view();
      if (room_.take()) value(item, out.items.emplace_back(), depth + 1);
    }
  }

  void map(const data_view& view, OtlpValue& out, int depth) {
    if (!enter(out, OtlpValue::Kind::map, depth)) return;
    pbf_reader message(view);
    while (message.next(1, bytes)) attribute(message.get_view(), out.members, depth + 1);
  }

  std::string_view body_;
  OtlpRecords wanted_;
  OtlpVisitor& visitor_;
  OtlpScope scope_;
  OtlpRoom room_;
  OtlpSpan span_;  // kept, so that its vectors need not grow anew for each span
};

}  // namespace

Result<void> read_otlp_protobuf(std::string_view body, OtlpRecords wanted, OtlpVisitor& visitor) {
  return Reader(body, wanted, visitor).read();
}

}  // namespace agentaudit
