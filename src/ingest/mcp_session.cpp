#include "agentaudit/ingest/mcp.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "agentaudit/core/limits.h"
#include "agentaudit/core/names.h"
#include "core/json_value.h"
#include "ingest/derived_id.h"
#include "ingest/mcp_detail.h"
#include "ingest/mcp_message.h"
#include "ingest/mcp_request.h"
#include "ingest/mcp_requests.h"
#include "ingest/one_line.h"

namespace agentaudit {
namespace {

// Deep enough for what is looked at: the text of a result's content, in a batch.
constexpr int depth_read = 8;

constexpr McpSender other_side(McpSender sender) {
  return sender == McpSender::client ? McpSender::server : McpSender::client;
}

// A call that goes on as a task.
struct McpTask {
  std::string id;
  bool completed = false;  // its result was not fetched yet
  McpRequest call;
};

struct McpQuestion {
  std::string name;
  McpRequest request;
};

// A request that was answered with questions, and goes on with its retry.
struct McpRound {
  std::string state;  // requestState, as JSON
  std::vector<McpQuestion> questions;
  McpRequest call;
};

std::size_t bytes_of(const McpTask& task) { return task.call.bytes(); }
std::size_t bytes_of(const McpRound& round) {
  std::size_t bytes = round.call.bytes() + round.state.size();
  for (const McpQuestion& question : round.questions) bytes += question.request.bytes();
  return bytes;
}

std::string_view raw_at(const JsonValue* object, std::string_view name) {
  const JsonValue* const value = object != nullptr ? object->find(name) : nullptr;
  return value != nullptr ? value->raw : std::string_view();
}

}  // namespace

class McpSession::State {
 public:
  explicit State(McpSessionOptions options) : options_(std::move(options)) {}

  std::vector<Event> take(McpSender sender, std::string_view line, McpMoment at) {
    at_ = at;
    ++(sender == McpSender::client ? counters_.client_lines : counters_.server_lines);
    read(sender, line);
    keep_limits();
    return std::exchange(events_, {});
  }

  Event gap(const McpGap& gap) {
    counters_.unread += gap.lines;
    return gap_event(gap);
  }

  std::vector<Event> end(const McpEnd& how, McpMoment at) {
    at_ = at;
    const std::size_t open = requests_.size() + tasks_.size() + rounds_.size();
    while (!rounds_.empty()) drop_round();
    while (!tasks_.empty()) drop_task();
    while (requests_.size() > 0)
      drop(requests_.take_oldest(), "the server ended before it answered");
    events_.push_back(exit_event(how, open));
    return std::exchange(events_, {});
  }

  [[nodiscard]] const McpCounters& counters() const noexcept { return counters_; }

 private:
  [[nodiscard]] std::string_view server() const {
    if (!options_.server.empty()) return options_.server;
    return server_.empty() ? options_.server_default : server_;
  }
  [[nodiscard]] std::string_view agent() const {
    return agent_.empty() ? std::string_view("unknown") : agent_;
  }

  void read(McpSender sender, std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || (line[first] != '{' && line[first] != '[')) {
      ++counters_.passed_over;
      return;
    }
    const auto document = JsonDocument::parse(line, depth_read);
    if (!document && document.error().code == ErrorCode::too_large) {
      events_.push_back(gap(
          {.bytes = line.size(), .reason = "line_too_large", .first = at_.time, .last = at_.time}));
      return;
    }
    if (!document) {
      ++counters_.passed_over;
      return;
    }
    const JsonValue& root = document->root();
    if (root.kind == JsonValue::Kind::array && !root.items.empty()) {
      // A batch, as JSON-RPC and MCP 2025-03-26 have it.
      for (const JsonValue& item : root.items) read_message(sender, item);
    } else {
      read_message(sender, root);
    }
  }

  void read_message(McpSender sender, const JsonValue& value) {
    const auto message = read_mcp_message(value);
    if (!message) {
      ++counters_.passed_over;
      return;
    }
    switch (message->kind) {
      case McpMessage::Kind::request: take_request(sender, *message); break;
      case McpMessage::Kind::response: take_response(sender, *message); break;
      case McpMessage::Kind::notification: take_notification(sender, *message); break;
    }
  }

  void take_request(McpSender sender, const McpMessage& message) {
    if (sender == McpSender::client) {
      if (const auto name = mcp_client_name(message); !name.empty()) agent_ = mcp_name(name);
    }
    McpRequest request = open(message.method, message.id->raw, message.params,
                              sender == McpSender::server ? call_around(message.params) : nullptr);
    if (sender == McpSender::client) resume(request, message.params);
    if (request.is(McpMeaning::elicitation)) {
      events_.push_back(pending_mcp_event(request, server()));
    }
    auto older = requests_.add(McpRequests::key_of(sender, *message.id), std::move(request));
    if (older) drop(std::move(*older), "its id was used again before it was answered");
  }

  McpRequest open(std::string_view method, std::string_view id, const JsonValue* params,
                  const McpRequest* within) {
    return open_mcp_request(method, id, params,
                            {.connection = options_.connection,
                             .agent = agent(),
                             .number = ++number_,
                             .within = within,
                             .at = at_});
  }

  // The call that a request of the server's belongs to; nullptr: nobody can tell.
  const McpRequest* call_around(const JsonValue* params) {
    const std::string task = read_mcp_meta(params).task;
    if (!task.empty()) {
      const auto found = find_task(task);
      return found != tasks_.end() ? &found->call : nullptr;
    }
    return requests_.only_call();
  }

  void take_response(McpSender sender, const McpMessage& message) {
    auto request = requests_.take(McpRequests::key_of(other_side(sender), *message.id));
    if (!request) {
      ++counters_.unmatched;
      return;
    }
    if (sender == McpSender::server) {
      if (const auto name = mcp_server_name(message); !name.empty()) server_ = mcp_name(name);
      if (message.error == nullptr && take_unfinished(*request, *message.result)) return;
    }
    if (request->is(McpMeaning::ping) && message.error == nullptr) return;
    const auto outcome = mcp_outcome(*request, message.result, message.error);
    const bool tells_of_task =
        request->is(McpMeaning::task_state) || request->is(McpMeaning::task_result);
    const std::string task = tells_of_task ? request->task : std::string();
    const bool is_result = request->is(McpMeaning::task_result);
    finish(std::move(*request), outcome);
    if (task.empty()) return;
    if (is_result) {
      end_task(task, message.result, message.error, "");
    } else if (message.result != nullptr) {
      take_task_state(task, *message.result);
    }
  }

  // Whether the request goes on after this result: as a task, or with a retry.
  bool take_unfinished(McpRequest& request, const JsonValue& result) {
    const std::string_view type = result.string_at("resultType");
    if (type == "input_required") {
      begin_round(std::move(request), result);
      return true;
    }
    if (!request.is(McpMeaning::call)) return false;
    const JsonValue* const inner = object_at(&result, "task");
    const std::string_view id =
        inner != nullptr ? inner->string_at("taskId")
                         : (type == "task" ? result.string_at("taskId") : std::string_view());
    if (id.empty()) return false;
    events_.push_back(pending_mcp_event(request, server()));
    tasks_.push_back({.id = std::string(id), .completed = false, .call = std::move(request)});
    waiting_bytes_ += bytes_of(tasks_.back());
    return true;
  }

  void begin_round(McpRequest call, const JsonValue& result) {
    McpRound round;
    round.state = raw_at(&result, "requestState");
    round.call = std::move(call);
    if (const JsonValue* const asked = object_at(&result, "inputRequests")) {
      for (const JsonMember& member : asked->members) {
        McpRequest question = open(member.value.string_at("method"), "",
                                   object_at(&member.value, "params"), &round.call);
        if (question.is(McpMeaning::elicitation)) {
          events_.push_back(pending_mcp_event(question, server()));
        }
        round.questions.push_back({.name = member.name, .request = std::move(question)});
        if (round.questions.size() == options_.waiting_max) break;
      }
    }
    rounds_.push_back(std::move(round));
    waiting_bytes_ += bytes_of(rounds_.back());
  }

  // Where the request is the retry of one that was answered with questions: it goes on as
  // that one, and its answers end the questions.
  void resume(McpRequest& request, const JsonValue* params) {
    const JsonValue* const answers = object_at(params, "inputResponses");
    const std::string_view state = raw_at(params, "requestState");
    if (answers == nullptr && state.empty()) return;
    const auto found = std::find_if(rounds_.begin(), rounds_.end(), [&](const McpRound& round) {
      return round.call.method == request.method &&
             round.call.event.target == request.event.target && round.state == state &&
             has_answer(round, answers);
    });
    if (found == rounds_.end()) {
      take_lone_answers(request, answers);
      return;
    }

    McpRound round = std::move(*found);
    waiting_bytes_ -= bytes_of(round);
    rounds_.erase(found);
    request.started = round.call.started;
    const Event& earlier = round.call.event;
    request.event.timestamp = earlier.timestamp;
    request.event.span_id = earlier.span_id;
    request.event.trace_id = earlier.trace_id;
    request.event.parent_span_id = earlier.parent_span_id;
    request.event.conversation_id = earlier.conversation_id;
    for (McpQuestion& question : round.questions) {
      const JsonValue* const answer = answers != nullptr ? answers->find(question.name) : nullptr;
      if (answer == nullptr) {
        drop(std::move(question.request), "the retry does not answer it");
      } else {
        const auto outcome = mcp_outcome(question.request, answer, nullptr);
        finish(std::move(question.request), outcome);
      }
    }
  }

  static bool has_answer(const McpRound& round, const JsonValue* answers) {
    if (round.questions.empty()) return true;
    return answers != nullptr && std::any_of(round.questions.begin(), round.questions.end(),
                                             [&](const McpQuestion& question) {
                                               return answers->find(question.name) != nullptr;
                                             });
  }

  // Answers to questions that were asked elsewhere: what a person decided must not be lost.
  void take_lone_answers(const McpRequest& request, const JsonValue* answers) {
    if (answers == nullptr) return;
    for (const JsonMember& member : answers->members) {
      if (member.value.string_at("action").empty()) continue;
      McpRequest question = open("elicitation/create", "", nullptr, &request);
      const auto outcome = mcp_outcome(question, &member.value, nullptr);
      finish(std::move(question), outcome);
    }
  }

  void take_notification(McpSender sender, const McpMessage& message) {
    if (message.params == nullptr) return;
    if (message.method == "notifications/tasks/status" || message.method == "notifications/tasks") {
      take_task_state(std::string(message.params->string_at("taskId")), *message.params);
      return;
    }
    if (message.method != "notifications/cancelled") return;
    const JsonValue* const id = message.params->find("requestId");
    if (id == nullptr) return;
    // Each side cancels its own requests, but the server ends a subscription so as well.
    std::string key = McpRequests::key_of(sender, *id);
    if (sender == McpSender::server && requests_.find(key) == nullptr) {
      key = McpRequests::key_of(McpSender::client, *id);
      const McpRequest* const subscription = requests_.find(key);
      if (subscription == nullptr || !subscription->is(McpMeaning::lasting)) return;
    }
    auto request = requests_.take(key);
    if (!request) return;
    const std::string_view why = message.params->string_at("reason");
    drop(std::move(*request), why.empty() ? "cancelled" : "cancelled: " + std::string(why));
  }

  std::deque<McpTask>::iterator find_task(std::string_view id) {
    return std::find_if(tasks_.begin(), tasks_.end(),
                        [&](const McpTask& task) { return task.id == id; });
  }

  void take_task_state(const std::string& id, const JsonValue& state) {
    const auto task = find_task(id);
    if (task == tasks_.end()) return;
    const std::string_view status = state.string_at("status");
    const JsonValue* const result = object_at(&state, "result");
    const JsonValue* const error = object_at(&state, "error");
    if (status == "completed") {
      task->completed = true;
      if (result != nullptr) end_task(id, result, nullptr, "");
    } else if (status == "failed" || status == "cancelled") {
      const std::string_view words = state.string_at("statusMessage");
      end_task(id, nullptr, error,
               "the task " + std::string(status == "failed" ? "failed" : "was cancelled") +
                   (words.empty() ? "" : ": ") + std::string(words));
    }
  }

  // With a reason it failed.
  void end_task(const std::string& id, const JsonValue* result, const JsonValue* error,
                const std::string& reason) {
    const auto found = find_task(id);
    if (found == tasks_.end()) return;
    McpRequest call = take_task(found).call;
    auto outcome = mcp_outcome(call, result, error);
    if (!reason.empty()) {
      outcome.status = status::error;
      outcome.reason = reason;
    }
    finish(std::move(call), outcome);
  }

  McpTask take_task(const std::deque<McpTask>::iterator& found) {
    McpTask task = std::move(*found);
    waiting_bytes_ -= bytes_of(task);
    tasks_.erase(found);
    return task;
  }

  void drop_task() {
    McpTask task = take_task(tasks_.begin());
    if (task.completed) {
      finish(std::move(task.call), {.status = status::ok});
    } else {
      drop(std::move(task.call), "its task did not end");
    }
  }

  void drop_round() {
    McpRound round = std::move(rounds_.front());
    waiting_bytes_ -= bytes_of(round);
    rounds_.pop_front();
    for (McpQuestion& question : round.questions) {
      drop(std::move(question.request), "it was not answered");
    }
    drop(std::move(round.call), "it asked for input and was not tried again");
  }

  // Ends a request without an answer.
  void drop(McpRequest request, const std::string& reason) {
    const bool lasted = request.is(McpMeaning::lasting);
    finish(std::move(request), {.status = lasted ? status::ok : status::error, .reason = reason});
  }

  void finish(McpRequest request, const McpOutcome& outcome) {
    events_.push_back(finished_mcp_event(std::move(request), outcome, server(), at_));
  }

  void keep_limits() {
    while (requests_.size() > 0 && (requests_.size() > options_.requests_max ||
                                    requests_.bytes() + waiting_bytes_ > options_.bytes_max)) {
      drop(requests_.take_oldest(), "more requests were open than are kept");
    }
    const auto too_many = [&](std::size_t size) {
      return size > 0 && (size > options_.waiting_max || waiting_bytes_ > options_.bytes_max);
    };
    while (too_many(tasks_.size())) drop_task();
    while (too_many(rounds_.size())) drop_round();
  }

  [[nodiscard]] Event own_event() const {
    Event event;
    event.timestamp = at_.time;
    event.source = "mcp";
    event.conversation_id = options_.connection;
    event.trace_id = derived_id(trace_id_bytes, {"trace", options_.connection});
    return event;
  }

  [[nodiscard]] Event gap_event(const McpGap& gap) const {
    Event event = own_event();
    event.timestamp = gap.last;
    event.category = category::audit;
    event.action = action::gap;
    event.agent = "agentaudit";
    event.status = status::error;
    event.target = server();
    const std::string count = std::to_string(gap.lines);
    event.summary = one_line(std::string(server()) + ": " + count +
                             (gap.lines == 1 ? " line was" : " lines were") +
                             " not recorded: " + std::string(gap.reason));
    std::string members;
    append_mcp_text(members, "server", server());
    append_mcp_member(members, "count", count);
    append_mcp_member(members, "bytes", std::to_string(gap.bytes));
    append_mcp_text(members, "first", gap.first.to_string());
    append_mcp_text(members, "last", gap.last.to_string());
    append_mcp_text(members, "reason", gap.reason);
    event.detail = "{" + members + "}";
    return event;
  }

  [[nodiscard]] Event exit_event(const McpEnd& how, std::size_t open) const {
    Event event = own_event();
    event.category = category::mcp;
    event.action = "exit";
    event.agent = agent();
    event.target = server();
    std::string words = "ended";
    bool failed = false;
    if (!how.error.empty()) {
      words = how.error;
      failed = true;
    } else if (!how.signal.empty()) {
      words = (how.signal_passed_on ? "ended by " : "killed by ") + how.signal;
      failed = !how.signal_passed_on;
    } else if (how.exit_status.value_or(0) != 0) {
      words = "exited with status " + std::to_string(*how.exit_status);
      failed = !how.signal_passed_on;
    }
    event.status = failed ? status::error : status::ok;
    event.summary = one_line(std::string(server()) + ": " + words);

    std::string members;
    append_mcp_text(members, "server", server());
    append_mcp_text(members, "error", how.error);
    append_mcp_text(members, "signal", how.signal);
    const auto add = [&](std::string_view name, std::int64_t count) {
      append_mcp_member(members, name, std::to_string(count));
    };
    if (how.exit_status) add("exit_status", *how.exit_status);
    add("unanswered", static_cast<std::int64_t>(open));
    add("client_lines", counters_.client_lines);
    add("server_lines", counters_.server_lines);
    add("passed_over", counters_.passed_over);
    add("unread", counters_.unread);
    add("unmatched", counters_.unmatched);
    event.detail = "{" + members + "}";
    return event;
  }

  McpSessionOptions options_;
  McpCounters counters_;
  std::string server_;  // as it says itself
  std::string agent_;   // likewise
  McpMoment at_;        // of what is being taken
  std::uint64_t number_ = 0;
  McpRequests requests_;
  std::deque<McpTask> tasks_;
  std::deque<McpRound> rounds_;
  std::size_t waiting_bytes_ = 0;  // of tasks and rounds
  std::vector<Event> events_;      // that are complete
};

McpSession::McpSession(McpSessionOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}
McpSession::~McpSession() = default;
McpSession::McpSession(McpSession&&) noexcept = default;
McpSession& McpSession::operator=(McpSession&&) noexcept = default;

std::vector<Event> McpSession::take(McpSender sender, std::string_view line, McpMoment at) {
  return state_->take(sender, line, at);
}

Event McpSession::gap(const McpGap& gap) { return state_->gap(gap); }

std::vector<Event> McpSession::end(const McpEnd& how, McpMoment at) { return state_->end(how, at); }

const McpCounters& McpSession::counters() const noexcept { return state_->counters(); }

}  // namespace agentaudit
