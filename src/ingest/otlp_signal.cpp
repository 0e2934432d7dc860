#include <string>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include "agentaudit/ingest/otlp.h"
#include "core/json_value.h"

namespace agentaudit {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::tag_and_type;

constexpr auto bytes = pbf_wire_type::length_delimited;

// What the first record within the body is. The three signals have the same shape down to
// it: a span begins with ids of 16 and 8 bytes, a log record with a time of 8 and numbers,
// a metric with its name.
std::optional<OtlpSignal> signal_of_record(pbf_reader record) {
  constexpr std::size_t trace_id_bytes = 16;
  while (record.next()) {
    switch (record.tag_and_type()) {
      case tag_and_type(1, bytes):
        return record.get_view().size() == trace_id_bytes && record.next(2, bytes)
                   ? OtlpSignal::traces
                   : OtlpSignal::metrics;
      case tag_and_type(1, pbf_wire_type::fixed64):
      case tag_and_type(11, pbf_wire_type::fixed64):
      case tag_and_type(2, pbf_wire_type::varint):
      case tag_and_type(3, bytes):
      case tag_and_type(5, bytes):
      case tag_and_type(6, bytes): return OtlpSignal::logs;
      default: record.skip();
    }
  }
  return std::nullopt;
}

std::optional<OtlpSignal> signal_of_protobuf(std::string_view body) {
  pbf_reader message(body.data(), body.size());
  while (message.next(1, bytes)) {
    pbf_reader resource = message.get_message();
    while (resource.next(2, bytes)) {
      pbf_reader scope = resource.get_message();
      while (scope.next(2, bytes)) {
        if (const auto signal = signal_of_record(scope.get_message())) return signal;
      }
    }
  }
  return std::nullopt;
}

std::optional<OtlpSignal> signal_of_json(std::string_view body) {
  const auto document = JsonDocument::parse(body, 1);
  if (!document) return std::nullopt;
  if (document->root().find("resourceSpans") != nullptr) return OtlpSignal::traces;
  if (document->root().find("resourceLogs") != nullptr) return OtlpSignal::logs;
  if (document->root().find("resourceMetrics") != nullptr) return OtlpSignal::metrics;
  return std::nullopt;
}

// Whether the body is one or more fields 1 from end to end. The first byte of such a
// message is a line end too, which may stand before a JSON text.
bool is_protobuf(std::string_view body) {
  try {
    pbf_reader message(body.data(), body.size());
    while (message.next()) {
      if (message.tag_and_type() != tag_and_type(1, bytes)) return false;
      message.skip();
    }
    return !body.empty();
  } catch (const protozero::exception&) {
    return false;
  }
}

}  // namespace

OtlpContent recognise_otlp(std::string_view body) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  constexpr std::string_view white_space = " \t\r\n";
  if (!is_protobuf(body)) {
    std::string_view text = body;
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    const std::size_t first = text.find_first_not_of(white_space);
    if (first != std::string_view::npos && text[first] == '{') {
      return {.encoding = OtlpEncoding::json, .signal = signal_of_json(body)};
    }
  }
  try {
    return {.encoding = OtlpEncoding::protobuf, .signal = signal_of_protobuf(body)};
  } catch (const protozero::exception&) {
    return {.encoding = OtlpEncoding::protobuf, .signal = std::nullopt};
  }
}

}  // namespace agentaudit
