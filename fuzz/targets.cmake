# Each has NAME_fuzzer.cpp, NAME.dict and corpus/NAME/. The tests replay the corpus.
set(agentaudit_fuzz_targets
  bundle checkpoint column damaged_trail event_json hook json_lines json_value mcp note otlp_batch
  otlp_json otlp_traces postgres_text proof query_string redact row_binary ship_cursor timestamp)
# Asks a part of the command.
if(TARGET agentaudit_mcp_server)
  list(APPEND agentaudit_fuzz_targets mcp_server)
endif()

# What a target needs beyond the libraries.
set(agentaudit_fuzz_query_string_sources "${PROJECT_SOURCE_DIR}/src/server/query_string.cpp"
  "${PROJECT_SOURCE_DIR}/src/server/api_parameters.cpp")
set(agentaudit_fuzz_ship_cursor_sources "${PROJECT_SOURCE_DIR}/src/cli/ship_cursor.cpp")
