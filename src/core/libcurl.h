// libcurl, loaded when something is sent to a daemon or a fleet store: with it come thirty more
// shared libraries, and a hook that records into a file needs none
// (docs/decisions/0014-libmicrohttpd-when-it-serves.md).
#pragma once

#include <curl/curl.h>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Its functions, without the prefix curl_.
struct Libcurl {
  decltype(&curl_global_init) global_init = nullptr;
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_easy_reset) easy_reset = nullptr;
  decltype(&curl_easy_setopt) easy_setopt = nullptr;
  decltype(&curl_easy_perform) easy_perform = nullptr;
  decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;

  // The same for the whole process; it is never unloaded. Thread-safe. Errors: unsupported
  // (the library is not installed, or lacks a function).
  [[nodiscard]] static Result<const Libcurl*> load();
};

}  // namespace agentaudit
