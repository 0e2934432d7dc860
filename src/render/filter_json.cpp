#include "render/filter_json.h"

#include <string_view>
#include <utility>
#include <vector>

#include "render/json_writer.h"

namespace agentaudit {

std::string filter_json(const ListOpts& opts) {
  std::string out;
  JsonWriter json(out);
  json.open('{');
  const std::pair<std::string_view, const std::vector<std::string>*> lists[] = {
      {"categories", &opts.categories},
      {"statuses", &opts.statuses},
      {"agents", &opts.agents},
      {"sources", &opts.sources},
      {"exclude_sources", &opts.exclude_sources},
      {"targets", &opts.targets}};
  for (const auto& [name, list] : lists) {
    if (list->empty()) continue;
    json.name(name);
    json.open('[');
    for (const std::string& value : *list) json.value(std::string_view(value));
    json.close(']');
  }
  const std::pair<std::string_view, const std::string*> texts[] = {
      {"conversation_id", &opts.conversation_id},
      {"trace_id", &opts.trace_id},
      {"search", &opts.search}};
  for (const auto& [name, text] : texts) {
    if (!text->empty()) json.member(name, std::string_view(*text));
  }
  if (opts.since) json.member("since", *opts.since);
  if (opts.until) json.member("until", *opts.until);
  json.close('}');
  return out;
}

}  // namespace agentaudit
