// Any bytes as the query of a request: every route takes it as a question that is allowed,
// or says which parameter is wrong.
#include <array>

#include "core/percent.h"
#include "fuzz_check.h"
#include "server/api_parameters.h"
#include "server/query_string.h"

namespace agentaudit {
namespace {

void check_error(const Error& error) {
  check(error.code == ErrorCode::invalid_argument, "documented errors");
  check(!error.message.empty(), "an error says what is wrong");
}

template <typename Question>
void check_question(const QueryString& query, Result<Question> (*question_of)(QueryString)) {
  const auto question = question_of(query);
  if (!question) {
    check_error(question.error());
  } else {
    check(validated(*question).has_value(), "what is taken is a question that is allowed");
  }
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  const std::string_view text = text_of(data, size);
  if (const auto decoded = percent_decoded(text, false)) {
    check(decoded->size() <= text.size(), "decoding adds nothing");
    if (text.find('%') == std::string_view::npos) check(*decoded == text, "all else stays");
  } else {
    check_error(decoded.error());
  }
  const auto query = QueryString::parse(text);
  if (!query) {
    check_error(query.error());
    return 0;
  }
  check_question(*query, list_opts_of);
  check_question(*query, filters_of);
  check_question(*query, stats_opts_of);
  check_question(*query, histogram_opts_of);
  check_question(*query, groups_opts_of);
  check_question(*query, conversations_opts_of);
  check_question(*query, open_intents_opts_of);
  return 0;
}
