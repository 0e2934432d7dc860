// libpq, loaded when a PostgreSQL store is opened: with it come forty more shared libraries, and
// a trail in a file needs none (docs/decisions/0014-libmicrohttpd-when-it-serves.md).
#pragma once

#include <postgresql/libpq-fe.h>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Its functions, without the prefix PQ.
struct Libpq {
  decltype(&PQconnectdbParams) connectdb_params = nullptr;
  decltype(&PQconninfoParse) conninfo_parse = nullptr;
  decltype(&PQconninfoFree) conninfo_free = nullptr;
  decltype(&PQfinish) finish = nullptr;
  decltype(&PQstatus) status = nullptr;
  decltype(&PQerrorMessage) error_message = nullptr;
  decltype(&PQhost) host = nullptr;
  decltype(&PQport) port = nullptr;
  decltype(&PQserverVersion) server_version = nullptr;
  decltype(&PQparameterStatus) parameter_status = nullptr;
  decltype(&PQsetNoticeReceiver) set_notice_receiver = nullptr;
  decltype(&PQexec) exec = nullptr;
  decltype(&PQexecParams) exec_params = nullptr;
  decltype(&PQputCopyData) put_copy_data = nullptr;
  decltype(&PQputCopyEnd) put_copy_end = nullptr;
  decltype(&PQgetResult) get_result = nullptr;
  decltype(&PQgetCancel) get_cancel = nullptr;
  decltype(&PQfreeCancel) free_cancel = nullptr;
  decltype(&PQcancel) cancel = nullptr;
  decltype(&PQresultStatus) result_status = nullptr;
  decltype(&PQresultErrorField) result_error_field = nullptr;
  decltype(&PQclear) clear = nullptr;
  decltype(&PQfreemem) freemem = nullptr;
  decltype(&PQntuples) ntuples = nullptr;
  decltype(&PQgetvalue) getvalue = nullptr;
  decltype(&PQgetlength) getlength = nullptr;
  decltype(&PQsocket) socket = nullptr;
  decltype(&PQconsumeInput) consume_input = nullptr;
  decltype(&PQnotifies) notifies = nullptr;

  // The same for the whole process; it is never unloaded. Thread-safe. Errors: unsupported
  // (the library is not installed, or lacks a function).
  [[nodiscard]] static Result<const Libpq*> load();
};

}  // namespace agentaudit
