// The description of the API for programs: OpenAPI 3.1.
#pragma once

#include <span>
#include <string>

#include "server/api.h"

namespace agentaudit {

[[nodiscard]] std::string openapi_document(std::span<const Api::Route> routes);

}  // namespace agentaudit
