#include "server/openapi.h"

#include <algorithm>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "core/ascii.h"

namespace agentaudit {
namespace {

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string parameter(std::string_view name, std::string_view in, std::string_view type,
                      std::string_view description) {
  std::string out = "{\"name\":" + json_text(name) + ",\"in\":" + json_text(in);
  if (in == "path") out += ",\"required\":true";
  out += ",\"description\":" + json_text(description) + ",\"schema\":";
  if (type == "array") {
    out += R"({"type":"array","items":{"type":"string"}},"style":"form","explode":false)";
  } else {
    out += "{\"type\":" + json_text(type) + "}";
  }
  return out + "}";
}

std::string operation(const Api::Route& route) {
  std::string out =
      json_text(to_lower_ascii(route.method)) + ":{\"summary\":" + json_text(route.summary);
  out += ",\"parameters\":[";
  std::string separator;
  if (route.path.find("{id}") != std::string_view::npos) {
    out += parameter("id", "path", "integer", "The event's id");
    separator = ",";
  } else if (route.path.find("{file}") != std::string_view::npos) {
    out += parameter("file", "path", "string", "The file's name");
    separator = ",";
  }
  if (route.path.find("{path}") != std::string_view::npos) {
    out += parameter("path", "path", "string", "As in a directory of tiles");
    separator = ",";
  }
  for (const Api::Parameter& of : route.parameters) {
    out += separator + parameter(of.name, "query", of.type, of.description);
    separator = ",";
  }
  out += ']';
  if (route.method == "POST") {
    out += R"(,"requestBody":{"required":true,"content":{"application/json":{},)"
           R"("application/x-ndjson":{}}})";
  }
  out += ",\"responses\":{";
  out += route.method == "POST" ? "\"201\"" : "\"200\"";
  out +=
      ":{\"description\":" + json_text(route.summary) + ",\"content\":{" +
      json_text(route.content_type) +
      R"(:{}}},"default":{"description":"What is wrong","content":{"application/problem+json":{}}}})";
  return out + "}";
}

}  // namespace

std::string openapi_document(std::span<const Api::Route> routes) {
  std::string out = R"({"openapi":"3.1.0","info":{"title":"agentaudit","version":"1",)"
                    R"("description":"The flight recorder for AI agents"},"paths":{)";
  std::vector<std::string_view> paths;
  for (const Api::Route& route : routes) {
    if (std::find(paths.begin(), paths.end(), route.path) == paths.end()) {
      paths.push_back(route.path);
    }
  }
  std::string separator;
  for (const std::string_view path : paths) {
    out += separator + json_text(path) + ":{";
    separator = ",";
    std::string between;
    for (const Api::Route& route : routes) {
      if (route.path != path) continue;
      out += between + operation(route);
      between = ",";
    }
    out += '}';
  }
  return out + "}}";
}

}  // namespace agentaudit
