#include "core/shared_library.h"

#include <dlfcn.h>

namespace agentaudit {

Result<SharedLibrary> SharedLibrary::load(const char* name, const std::string& what,
                                          const std::string& package) {
  void* const handle = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const why = ::dlerror();
    return fail(ErrorCode::unsupported, what + " needs " + name + " (Debian: apt install " +
                                            package +
                                            "): " + (why == nullptr ? "it cannot be loaded" : why));
  }
  return SharedLibrary(handle, name);
}

void* SharedLibrary::symbol(const char* name) {
  void* const symbol = ::dlsym(handle_, name);
  if (symbol == nullptr) missing_ = name;
  return symbol;
}

Result<void> SharedLibrary::complete() const {
  if (missing_.empty()) return {};
  return fail(ErrorCode::unsupported, std::string(name_) + " has no " + missing_);
}

}  // namespace agentaudit
