// The parameters of each route as the questions that they ask. docs/http.md has them.
#pragma once

#include <string_view>

#include "agentaudit/core/query.h"
#include "server/query_string.h"

namespace agentaudit {

// Each takes its parameters from the query and checks them. Errors: invalid_argument, naming
// the parameter and the value; a parameter that is not of the route is one, too.
[[nodiscard]] Result<ListOpts> list_opts_of(QueryString query);
// Of the routes that have no pages: the filters alone.
[[nodiscard]] Result<ListOpts> filters_of(QueryString query);
// `true` or `false`, the default; takes that parameter alone.
[[nodiscard]] Result<bool> flag_of(QueryString& query, std::string_view name);
[[nodiscard]] Result<StatsOpts> stats_opts_of(QueryString query);
[[nodiscard]] Result<StatsOpts> histogram_opts_of(QueryString query);
[[nodiscard]] Result<GroupsOpts> groups_opts_of(QueryString query);
[[nodiscard]] Result<ConversationsOpts> conversations_opts_of(QueryString query);
[[nodiscard]] Result<OpenIntentsOpts> open_intents_opts_of(QueryString query);

}  // namespace agentaudit
