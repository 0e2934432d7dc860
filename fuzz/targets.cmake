# Each has NAME_fuzzer.cpp, NAME.dict and corpus/NAME/. The tests replay the corpus.
set(agentaudit_fuzz_targets
  bundle checkpoint column damaged_trail event_json hook json_lines mcp note otlp_json
  otlp_traces proof timestamp)
