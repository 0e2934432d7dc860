#include "server/microhttpd.h"

#include <dlfcn.h>

#include <string>

namespace agentaudit {
namespace {

constexpr const char* library_name = "libmicrohttpd.so.12";

Result<Microhttpd> load_functions() {
  void* const library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const why = ::dlerror();
    return fail(ErrorCode::unsupported, std::string("serving HTTP needs ") + library_name +
                                            " (Debian: apt install libmicrohttpd12): " +
                                            (why == nullptr ? "it cannot be loaded" : why));
  }
  Microhttpd functions;
  std::string missing;
  const auto find = [&](auto& function, const char* name) {
    void* const symbol = ::dlsym(library, name);
    if (symbol == nullptr) missing = name;
    // POSIX has it so: a pointer to data is a pointer to a function here.
    function = reinterpret_cast<std::decay_t<decltype(function)>>(symbol);  // NOLINT
  };
  find(functions.start_daemon, "MHD_start_daemon");
  find(functions.stop_daemon, "MHD_stop_daemon");
  find(functions.quiesce_daemon, "MHD_quiesce_daemon");
  find(functions.suspend_connection, "MHD_suspend_connection");
  find(functions.resume_connection, "MHD_resume_connection");
  find(functions.get_connection_values, "MHD_get_connection_values");
  find(functions.get_connection_info, "MHD_get_connection_info");
  find(functions.create_response_from_buffer, "MHD_create_response_from_buffer");
  find(functions.create_response_from_callback, "MHD_create_response_from_callback");
  find(functions.add_response_header, "MHD_add_response_header");
  find(functions.queue_response, "MHD_queue_response");
  find(functions.destroy_response, "MHD_destroy_response");
  if (!missing.empty()) {
    return fail(ErrorCode::unsupported, std::string(library_name) + " has no " + missing);
  }
  return functions;
}

}  // namespace

Result<const Microhttpd*> Microhttpd::load() {
  static const Result<Microhttpd> functions = load_functions();
  if (!functions) return fail(functions.error());
  return &*functions;
}

}  // namespace agentaudit
