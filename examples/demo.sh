#!/usr/bin/env bash
# demo.sh AGENTAUDIT DIRECTORY: records the recordings beside this file with the real
# commands, into a new trail in DIRECTORY, and shows what a reader sees.
set -euo pipefail

binary=$(realpath "$1")
directory=$(mkdir -p "$2" && realpath "$2")
recordings=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/recordings
readonly binary directory recordings

export AGENTAUDIT_STORE="$directory/audit.db"
rm -f "$AGENTAUDIT_STORE"{,-wal,-shm,.lock}

# Shows a command as the reader would type it, then runs it.
show() {
  printf '\n$ agentaudit %s\n' "$*"
  "$binary" "$@"
}

# Hands each line of a recording to the hook command, as the agent does.
replay_hooks() {
  local payload
  while IFS= read -r payload; do
    printf '%s\n' "$payload" | "$binary" hook
  done <"$1"
}

echo "Recording two coding agents through their hooks, two chat agents and two MCP"
echo "sessions from a stream of JSON Lines, into $AGENTAUDIT_STORE"
replay_hooks "$recordings/claude-code-hooks.jsonl"
replay_hooks "$recordings/codex-hooks.jsonl"
"$binary" record <"$recordings/events.jsonl"

show list --limit 12
show trace 2bd58de8-2ab7-4d08-b69c-e83958d6b9f6
show pending
show stats

cat <<TEXT

Ask more:  export AGENTAUDIT_STORE=$AGENTAUDIT_STORE
           $binary search "does/not/exist"

Connect your own agent:
  its hooks   {"hooks":{"PreToolUse":[{"hooks":[{"type":"command","command":"$binary hook"}]}]}}
  its events  your-agent | $binary record
  its code    agentaudit::Span span(emitter, intent);
README.md says for which hooks, with which fields, and how to embed the library.
TEXT
