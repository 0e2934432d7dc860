#include "cli/hook_settings.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "cli/json_text.h"
#include "cli/shell_words.h"
#include "render/json_writer.h"

namespace agentaudit {
namespace {

using Kind = JsonValue::Kind;

// A hook of ours: its place in the list of an event.
struct OurHook {
  std::size_t item = 0;             // of the event's array
  std::optional<std::size_t> hook;  // of that item's `hooks`; not set: the item itself
  bool alone = true;                // nothing else is in that item
  const JsonValue* command = nullptr;
};

Error wrong_form(const std::string& where, std::string_view wanted) {
  return {.code = ErrorCode::unsupported,
          .message = "\"" + where + "\" is not " + std::string(wanted) + " in it"};
}

// The member, nullptr where there is none. Errors: unsupported, for there are two.
Result<const JsonValue*> only_member(const JsonValue& object, std::string_view name) {
  const JsonValue* found = nullptr;
  for (const JsonMember& member : object.members) {
    if (member.name != name) continue;
    if (found != nullptr) {
      return fail(ErrorCode::unsupported, "\"" + std::string(name) + "\" is in it twice");
    }
    found = &member.value;
  }
  return found;
}

std::size_t index_of(const JsonValue& object, const JsonValue& value) {
  const auto found =
      std::find_if(object.members.begin(), object.members.end(),
                   [&](const JsonMember& member) { return &member.value == &value; });
  return static_cast<std::size_t>(found - object.members.begin());
}

const JsonValue* our_command(const JsonValue& hook) {
  const JsonValue* const command = hook.find("command");
  return command != nullptr && command->kind == Kind::string && is_our_hook(command->string)
             ? command
             : nullptr;
}

Result<std::vector<OurHook>> our_hooks(const JsonValue& list, const HookAgent& agent,
                                       const std::string& event) {
  if (list.kind != Kind::array) return fail(wrong_form("hooks." + event, "an array"));
  std::vector<OurHook> found;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const JsonValue& item = list.items[i];
    if (item.kind != Kind::object) return fail(wrong_form("hooks." + event, "a list of objects"));
    if (agent.form == HookAgent::Form::flat) {
      const JsonValue* const command = our_command(item);
      if (command != nullptr) found.push_back({.item = i, .hook = {}, .command = command});
      continue;
    }
    const JsonValue* const hooks = item.find("hooks");
    if (hooks == nullptr || hooks->kind != Kind::array) continue;
    for (std::size_t j = 0; j < hooks->items.size(); ++j) {
      const JsonValue* const command = our_command(hooks->items[j]);
      if (command == nullptr) continue;
      found.push_back(
          {.item = i, .hook = j, .alone = hooks->items.size() == 1, .command = command});
    }
  }
  return found;
}

Result<void> take_out(JsonText& json, const JsonValue& list, const OurHook& hook) {
  if (hook.alone) return json.remove(list, hook.item);
  return json.remove(*list.items[hook.item].find("hooks"), *hook.hook);
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string entry_of(const HookAgent& agent, std::string_view event, const std::string& command) {
  std::string out;
  JsonWriter json(out);
  const bool grouped = agent.form == HookAgent::Form::groups;
  if (grouped) {
    json.open('{');
    json.name("hooks");
    json.open('[');
  }
  json.open('{');
  if (grouped) json.member("type", "command");
  json.member("command", std::string_view(command));
  json.member("timeout", hook_timeout(agent, event));
  json.close('}');
  if (grouped) {
    json.close(']');
    json.close('}');
  }
  return out;
}

// The object `hooks`, nullptr where there is none.
Result<const JsonValue*> hooks_of(const JsonText& json) {
  if (json.root().kind != Kind::object) {
    return fail(ErrorCode::unsupported, "it is no JSON object");
  }
  auto hooks = only_member(json.root(), "hooks");
  if (hooks && *hooks != nullptr && (*hooks)->kind != Kind::object) {
    return fail(wrong_form("hooks", "an object"));
  }
  return hooks;
}

// Each of these does one thing, after which every value has to be found anew, and says whether
// there was something to do.
Result<bool> done(Result<void> edited) {
  if (!edited) return fail(std::move(edited.error()));
  return true;
}

Result<bool> add_to_event(JsonText& json, const HookAgent& agent, const std::string& event,
                          const std::string& command) {
  const auto hooks = hooks_of(json);
  if (!hooks) return fail(hooks.error());
  if (*hooks == nullptr) return done(json.append(json.root(), "hooks", "{}"));
  const auto list = only_member(**hooks, event);
  if (!list) return fail(list.error());
  if (*list == nullptr) {
    return done(json.append(**hooks, event, "[" + entry_of(agent, event, command) + "]"));
  }
  const auto ours = our_hooks(**list, agent, event);
  if (!ours) return fail(ours.error());
  if (ours->empty()) return done(json.append(**list, {}, entry_of(agent, event, command)));
  if (ours->size() > 1) return done(take_out(json, **list, ours->back()));
  if (ours->front().command->string == command) return false;
  return done(json.replace(*ours->front().command, json_string(command)));
}

Result<bool> take_one_out(JsonText& json, const HookAgent& agent) {
  const auto hooks = hooks_of(json);
  if (!hooks) return fail(hooks.error());
  if (*hooks == nullptr) return false;
  for (const JsonMember& event : (*hooks)->members) {
    const auto list = only_member(**hooks, event.name);
    if (!list) return fail(list.error());
    const auto ours = our_hooks(**list, agent, event.name);
    if (!ours) return fail(ours.error());
    if (ours->empty()) continue;
    if ((*list)->items.size() > 1 || !ours->back().alone) {
      return done(take_out(json, **list, ours->back()));
    }
    if ((*hooks)->members.size() > 1) {
      return done(json.remove(**hooks, index_of(**hooks, event.value)));
    }
    return done(json.remove(json.root(), index_of(json.root(), **hooks)));
  }
  return false;
}

}  // namespace

bool is_our_hook(std::string_view command) {
  const auto words = shell_words(command);
  // Variables may be set before the command.
  const auto program = std::find_if(words.begin(), words.end(), [](const std::string& word) {
    return word.find('=') == std::string::npos;
  });
  if (program == words.end() || program + 1 == words.end()) return false;
  const std::string name = program->substr(program->rfind('/') + 1);
  return name == "agentaudit" && program[1] == "hook";
}

Result<std::string> with_our_hooks(std::string text, const HookAgent& agent,
                                   const std::string& command) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) text = "{}\n";
  auto json = JsonText::parse(std::move(text));
  if (!json) return fail(std::move(json.error()));
  if (const auto hooks = hooks_of(*json); !hooks) return fail(hooks.error());
  if (agent.has_version && json->root().find("version") == nullptr) {
    if (auto added = json->append(json->root(), "version", "1"); !added) return fail(added.error());
  }
  for (const std::string_view event : agent.events) {
    Result<bool> edited = true;
    while (edited && *edited) edited = add_to_event(*json, agent, std::string(event), command);
    if (!edited) return fail(std::move(edited.error()));
  }
  return json->text();
}

Result<std::string> without_our_hooks(std::string text, const HookAgent& agent) {
  auto json = JsonText::parse(std::move(text));
  if (!json) return fail(std::move(json.error()));
  Result<bool> edited = true;
  while (edited && *edited) edited = take_one_out(*json, agent);
  if (!edited) return fail(std::move(edited.error()));
  return json->text();
}

}  // namespace agentaudit
