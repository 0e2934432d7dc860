// libmicrohttpd, loaded when a server starts: with it come GnuTLS and eleven more shared
// libraries, which would double the time of a hook's process
// (docs/decisions/0014-libmicrohttpd-when-it-serves.md).
#pragma once

#include <microhttpd.h>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Its functions, without the prefix MHD_.
struct Microhttpd {
  decltype(&MHD_start_daemon) start_daemon = nullptr;
  decltype(&MHD_stop_daemon) stop_daemon = nullptr;
  decltype(&MHD_quiesce_daemon) quiesce_daemon = nullptr;
  decltype(&MHD_suspend_connection) suspend_connection = nullptr;
  decltype(&MHD_resume_connection) resume_connection = nullptr;
  decltype(&MHD_get_connection_values) get_connection_values = nullptr;
  decltype(&MHD_get_connection_info) get_connection_info = nullptr;
  decltype(&MHD_create_response_from_buffer) create_response_from_buffer = nullptr;
  decltype(&MHD_create_response_from_callback) create_response_from_callback = nullptr;
  decltype(&MHD_add_response_header) add_response_header = nullptr;
  decltype(&MHD_queue_response) queue_response = nullptr;
  decltype(&MHD_destroy_response) destroy_response = nullptr;

  // The same for the whole process; it is never unloaded. Thread-safe. Errors: unsupported
  // (the library is not installed, or lacks a function).
  [[nodiscard]] static Result<const Microhttpd*> load();
};

}  // namespace agentaudit
