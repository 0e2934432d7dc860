#include "core/libcurl.h"

#include "core/shared_library.h"

namespace agentaudit {
namespace {

Result<Libcurl> load_functions() {
  auto library = SharedLibrary::load("libcurl.so.4", "speaking HTTP", "libcurl4");
  if (!library) return fail(library.error());
  Libcurl functions;
  library->find(functions.global_init, "curl_global_init");
  library->find(functions.easy_init, "curl_easy_init");
  library->find(functions.easy_cleanup, "curl_easy_cleanup");
  library->find(functions.easy_reset, "curl_easy_reset");
  library->find(functions.easy_setopt, "curl_easy_setopt");
  library->find(functions.easy_perform, "curl_easy_perform");
  library->find(functions.easy_getinfo, "curl_easy_getinfo");
  library->find(functions.easy_strerror, "curl_easy_strerror");
  library->find(functions.slist_append, "curl_slist_append");
  library->find(functions.slist_free_all, "curl_slist_free_all");
  if (auto complete = library->complete(); !complete) return fail(complete.error());
  if (functions.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return fail(ErrorCode::unsupported, "libcurl cannot be set up");
  }
  return functions;
}

}  // namespace

Result<const Libcurl*> Libcurl::load() {
  static const Result<Libcurl> functions = load_functions();
  if (!functions) return fail(functions.error());
  return &*functions;
}

}  // namespace agentaudit
