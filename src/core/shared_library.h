// SharedLibrary: one that is loaded when it is needed, and never unloaded.
#pragma once

#include <string>
#include <type_traits>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Not thread-safe.
class SharedLibrary {
 public:
  // `what` needs it, from that package of Debian's; said where it is missing. Errors:
  // unsupported.
  [[nodiscard]] static Result<SharedLibrary> load(const char* name, const std::string& what,
                                                  const std::string& package);

  // Sets the function; one that is not there is told by `complete`.
  template <typename Function>
  void find(Function*& function, const char* name) {
    static_assert(std::is_function_v<Function>);
    // POSIX has it so: a pointer to data is a pointer to a function here.
    function = reinterpret_cast<Function*>(symbol(name));  // NOLINT
  }
  // Errors: unsupported (a function was not found).
  [[nodiscard]] Result<void> complete() const;

 private:
  SharedLibrary(void* handle, const char* name) : handle_(handle), name_(name) {}
  [[nodiscard]] void* symbol(const char* name);

  void* handle_;
  const char* name_;
  std::string missing_;
};

}  // namespace agentaudit
