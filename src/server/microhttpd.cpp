#include "server/microhttpd.h"

#include "core/shared_library.h"

namespace agentaudit {
namespace {

Result<Microhttpd> load_functions() {
  auto library = SharedLibrary::load("libmicrohttpd.so.12", "serving HTTP", "libmicrohttpd12");
  if (!library) return fail(library.error());
  Microhttpd functions;
  library->find(functions.start_daemon, "MHD_start_daemon");
  library->find(functions.stop_daemon, "MHD_stop_daemon");
  library->find(functions.quiesce_daemon, "MHD_quiesce_daemon");
  library->find(functions.suspend_connection, "MHD_suspend_connection");
  library->find(functions.resume_connection, "MHD_resume_connection");
  library->find(functions.get_connection_values, "MHD_get_connection_values");
  library->find(functions.get_connection_info, "MHD_get_connection_info");
  library->find(functions.create_response_from_buffer, "MHD_create_response_from_buffer");
  library->find(functions.create_response_from_callback, "MHD_create_response_from_callback");
  library->find(functions.add_response_header, "MHD_add_response_header");
  library->find(functions.queue_response, "MHD_queue_response");
  library->find(functions.destroy_response, "MHD_destroy_response");
  if (auto complete = library->complete(); !complete) return fail(complete.error());
  return functions;
}

}  // namespace

Result<const Microhttpd*> Microhttpd::load() {
  static const Result<Microhttpd> functions = load_functions();
  if (!functions) return fail(functions.error());
  return &*functions;
}

}  // namespace agentaudit
