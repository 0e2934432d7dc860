// Where memory runs out, an exception becomes an error: none crosses the API.
#pragma once

#include <new>
#include <type_traits>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Short enough to need no memory itself.
inline auto out_of_memory() { return fail(ErrorCode::io, "out of memory"); }

// What `work` returns, a Result; `io` where it had not the memory that it needed. What the
// work left half done is for the caller to mend.
template <typename Work>
std::invoke_result_t<Work> or_out_of_memory(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

}  // namespace agentaudit
