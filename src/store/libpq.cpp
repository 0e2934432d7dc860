#include "store/libpq.h"

#include "core/shared_library.h"

namespace agentaudit {
namespace {

Result<Libpq> load_functions() {
  auto library = SharedLibrary::load("libpq.so.5", "a PostgreSQL store", "libpq5");
  if (!library) return fail(library.error());
  Libpq pq;
  library->find(pq.connectdb_params, "PQconnectdbParams");
  library->find(pq.conninfo_parse, "PQconninfoParse");
  library->find(pq.conninfo_free, "PQconninfoFree");
  library->find(pq.finish, "PQfinish");
  library->find(pq.status, "PQstatus");
  library->find(pq.error_message, "PQerrorMessage");
  library->find(pq.host, "PQhost");
  library->find(pq.port, "PQport");
  library->find(pq.server_version, "PQserverVersion");
  library->find(pq.parameter_status, "PQparameterStatus");
  library->find(pq.set_notice_receiver, "PQsetNoticeReceiver");
  library->find(pq.exec, "PQexec");
  library->find(pq.exec_params, "PQexecParams");
  library->find(pq.put_copy_data, "PQputCopyData");
  library->find(pq.put_copy_end, "PQputCopyEnd");
  library->find(pq.get_result, "PQgetResult");
  library->find(pq.get_cancel, "PQgetCancel");
  library->find(pq.free_cancel, "PQfreeCancel");
  library->find(pq.cancel, "PQcancel");
  library->find(pq.result_status, "PQresultStatus");
  library->find(pq.result_error_field, "PQresultErrorField");
  library->find(pq.clear, "PQclear");
  library->find(pq.freemem, "PQfreemem");
  library->find(pq.ntuples, "PQntuples");
  library->find(pq.getvalue, "PQgetvalue");
  library->find(pq.getlength, "PQgetlength");
  library->find(pq.socket, "PQsocket");
  library->find(pq.consume_input, "PQconsumeInput");
  library->find(pq.notifies, "PQnotifies");
  if (auto complete = library->complete(); !complete) return fail(complete.error());
  return pq;
}

}  // namespace

Result<const Libpq*> Libpq::load() {
  static const Result<Libpq> functions = load_functions();
  if (!functions) return fail(functions.error());
  return &*functions;
}

}  // namespace agentaudit
