// ModelQuestions: random events, and random questions that a store answers as the model does.
// To be used within a property of RapidCheck, which fails where an answer is another.
#pragma once

#include <string>
#include <vector>

#include "store/model_store.h"

namespace agentaudit::model_questions {

// Few values, so that questions hit.
inline const std::vector<std::string> names = {"", "a", "b", "A", "a%", std::string("a\0b", 3)};
inline const std::vector<std::string> statuses = {"ok", "error", "denied", "pending"};
inline const std::vector<std::string> texts = {"",      "needle",        "NEEDLE in hay",
                                               "100%_", "x\xff\xc3\xa9", std::string("\0a", 2)};
inline const std::vector<std::string> spans = {"", "b7ad6b7169203331", "s1", "s2"};
inline const std::vector<std::string> traces = {"", "0af7651916cd43dd8448eb211c80319c", "t"};

// None, one or two of them.
[[nodiscard]] std::vector<std::string> some_of(const std::vector<std::string>& values);
// Mostly in the hours around 1970, sometimes around the ends of long periods and of time.
[[nodiscard]] Timestamp instant();
[[nodiscard]] Event random_event();
[[nodiscard]] ListOpts random_list();

void compare_stats(Store& store, const ModelStore& model);
void compare_groups(Store& store, const ModelStore& model);
void compare_conversations(Store& store, const ModelStore& model);
// Some questions of every kind.
void compare_all(Store& store, const ModelStore& model);

}  // namespace agentaudit::model_questions
