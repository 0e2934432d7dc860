# Each has NAME_fuzzer.cpp, NAME.dict and corpus/NAME/. The tests replay the corpus.
set(agentaudit_fuzz_targets
  bundle checkpoint column command_text csv damaged_trail event_body event_json hook json_lines
  json_value lines mcp note otlp_batch otlp_journal otlp_json otlp_traces postgres_text proof
  query_string redact row_binary ship_cursor store_text timestamp token_file)
# Ask parts of the command.
if(TARGET agentaudit_cli_objects)
  list(APPEND agentaudit_fuzz_targets config_file mcp_server)
endif()

# What a target needs beyond the libraries.
set(agentaudit_fuzz_command_text_sources
  "${PROJECT_SOURCE_DIR}/src/cli/anchor_file.cpp"
  "${PROJECT_SOURCE_DIR}/src/cli/byte_expression.cpp"
  "${PROJECT_SOURCE_DIR}/src/cli/daemon_url.cpp"
  "${PROJECT_SOURCE_DIR}/src/cli/event_id.cpp"
  "${PROJECT_SOURCE_DIR}/src/cli/shell_words.cpp"
  "${PROJECT_SOURCE_DIR}/src/cli/time_expression.cpp"
  "${PROJECT_SOURCE_DIR}/src/server/host_guard.cpp"
  "${PROJECT_SOURCE_DIR}/src/server/http_message.cpp"
  "${PROJECT_SOURCE_DIR}/src/server/http_problem.cpp")
set(agentaudit_fuzz_config_file_links agentaudit_cli_objects)
set(agentaudit_fuzz_event_body_sources "${PROJECT_SOURCE_DIR}/src/server/event_body.cpp")
set(agentaudit_fuzz_lines_sources "${PROJECT_SOURCE_DIR}/src/cli/mcp_lines.cpp"
  "${PROJECT_SOURCE_DIR}/src/cli/spool_file.cpp")
set(agentaudit_fuzz_mcp_server_links agentaudit_mcp_server)
set(agentaudit_fuzz_otlp_journal_sources "${PROJECT_SOURCE_DIR}/src/server/otlp_journal.cpp")
set(agentaudit_fuzz_query_string_sources "${PROJECT_SOURCE_DIR}/src/server/query_string.cpp"
  "${PROJECT_SOURCE_DIR}/src/server/api_parameters.cpp")
set(agentaudit_fuzz_ship_cursor_sources "${PROJECT_SOURCE_DIR}/src/cli/ship_cursor.cpp")
set(agentaudit_fuzz_token_file_sources "${PROJECT_SOURCE_DIR}/src/server/token_list.cpp")
