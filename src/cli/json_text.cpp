#include "cli/json_text.h"

#include <algorithm>
#include <utility>

#include "agentaudit/core/event_json.h"

namespace agentaudit {
namespace {

constexpr std::string_view space = " \t\r\n";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// Where each child of a container goes.
struct Layout {
  std::string_view line_end;  // empty: all on one line
  std::string_view unit;
};

void lay_out(std::string& out, const JsonValue& value, const Layout& layout,
             const std::string& indent);

void start_child(std::string& out, bool first, const Layout& layout, const std::string& indent) {
  if (!first) out += ',';
  if (layout.line_end.empty()) {
    if (!first) out += ' ';
  } else {
    out.append(layout.line_end).append(indent);
  }
}

void lay_out_member(std::string& out, std::string_view name, const JsonValue& value,
                    const Layout& layout, const std::string& indent) {
  append_json_string(out, name);
  out += ": ";
  lay_out(out, value, layout, indent);
}

void lay_out(std::string& out, const JsonValue& value, const Layout& layout,
             const std::string& indent) {
  if (value.items.empty() && value.members.empty()) {
    out += value.raw;
    return;
  }
  const std::string inner = indent + std::string(layout.unit);
  out += value.raw.front();
  bool first = true;
  for (const JsonValue& item : value.items) {
    start_child(out, std::exchange(first, false), layout, inner);
    lay_out(out, item, layout, inner);
  }
  for (const JsonMember& member : value.members) {
    start_child(out, std::exchange(first, false), layout, inner);
    lay_out_member(out, member.name, member.value, layout, inner);
  }
  if (!layout.line_end.empty()) out.append(layout.line_end).append(indent);
  out += value.raw.back();
}

const JsonValue& child_at(const JsonValue& container, std::size_t index) {
  return container.kind == JsonValue::Kind::array ? container.items[index]
                                                  : container.members[index].value;
}

std::size_t child_count(const JsonValue& container) {
  return container.items.size() + container.members.size();
}

}  // namespace

Result<JsonText> JsonText::parse(std::string text) {
  auto document = JsonDocument::parse(text);
  if (!document) return fail(std::move(document.error()));
  return JsonText(std::move(text), std::move(*document));
}

JsonText::JsonText(std::string text, JsonDocument document)
    : text_(std::move(text)),
      document_(std::move(document)),
      root_offset_(skip_space(text_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0)),
      line_end_(text_.find("\r\n") == std::string::npos ? "\n" : "\r\n") {
  if (child_count(root()) > 0 && root().raw.find('\n') != std::string_view::npos) {
    unit_ = indent_at(skip_space(root_offset_ + 1));
  }
  if (unit_.empty()) unit_ = "  ";
}

std::size_t JsonText::offset_of(const JsonValue& value) const noexcept {
  return root_offset_ + static_cast<std::size_t>(value.raw.data() - root().raw.data());
}

std::size_t JsonText::end_of(const JsonValue& value) const noexcept {
  return offset_of(value) + value.raw.size();
}

std::size_t JsonText::skip_space(std::size_t offset) const noexcept {
  return std::min(text_.find_first_not_of(space, offset), text_.size());
}

std::string_view JsonText::indent_at(std::size_t offset) const noexcept {
  const std::size_t line_end = text_.rfind('\n', offset);
  const std::size_t start = line_end == std::string::npos ? 0 : line_end + 1;
  const std::size_t end = std::min(text_.find_first_not_of(" \t", start), text_.size());
  return std::string_view(text_).substr(start, end - start);
}

Result<void> JsonText::splice(std::size_t offset, std::size_t bytes, std::string_view with) {
  auto edited = parse(std::string(text_).replace(offset, bytes, with));
  if (!edited) return fail(std::move(edited.error()));
  *this = std::move(*edited);
  return {};
}

Result<void> JsonText::append(const JsonValue& container, std::string_view name,
                              std::string_view json) {
  const auto value = JsonDocument::parse(json);
  if (!value) return fail(value.error());
  const std::size_t count = child_count(container);
  const std::size_t start = offset_of(container);
  const std::size_t first = skip_space(start + 1);
  // As the container is laid out; an empty one as the file is.
  const bool on_lines =
      count > 0 ? text_.find('\n', start) < first
                : child_count(root()) == 0 || root().raw.find('\n') != std::string_view::npos;
  const Layout layout{.line_end = on_lines ? line_end_ : std::string_view(), .unit = unit_};
  const std::string indent =
      count > 0 ? std::string(indent_at(first)) : std::string(indent_at(start)) + unit_;
  std::string out;
  start_child(out, count == 0, layout, indent);
  if (container.kind == JsonValue::Kind::object) {
    lay_out_member(out, name, value->root(), layout, indent);
  } else {
    lay_out(out, value->root(), layout, indent);
  }
  if (count > 0) return splice(end_of(child_at(container, count - 1)), 0, out);
  if (on_lines) out.append(line_end_).append(indent_at(start));
  return splice(start + 1, container.raw.size() - 2, out);
}

Result<void> JsonText::remove(const JsonValue& container, std::size_t index) {
  const std::size_t count = child_count(container);
  if (count == 1) return splice(offset_of(container) + 1, container.raw.size() - 2, "");
  const std::size_t end = end_of(child_at(container, index));
  if (index > 0) {
    const std::size_t start = end_of(child_at(container, index - 1));
    return splice(start, end - start, "");
  }
  const std::size_t start = skip_space(offset_of(container) + 1);
  const std::size_t next = skip_space(skip_space(end) + 1);
  return splice(start, next - start, "");
}

Result<void> JsonText::replace(const JsonValue& value, std::string_view json) {
  return splice(offset_of(value), value.raw.size(), json);
}

}  // namespace agentaudit
