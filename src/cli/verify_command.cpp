#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "agentaudit/core/limits.h"
#include "agentaudit/ledger/bundle.h"
#include "agentaudit/render/answer_json.h"
#include "cli/anchor_file.h"
#include "cli/command_table.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/key_option.h"
#include "cli/print_options.h"
#include "cli/progress_bar.h"
#include "cli/time_expression.h"
#include "cli/trouble.h"
#include "core/file_descriptor.h"
#include "ledger/note_verifier.h"
#include "render/verification_view.h"

namespace agentaudit {
namespace {

// One for each verdict; docs/ledger.md.
ExitStatus exit_status_of(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::intact: return ExitStatus::ok;
    case Verdict::incomplete: return ExitStatus::incomplete;
    case Verdict::tampered: return ExitStatus::tampered;
    case Verdict::rolled_back: return ExitStatus::rolled_back;
  }
  return ExitStatus::unreadable;
}

class VerifyCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.argument("BUNDLE", bundle_, "An evidence bundle, in place of a trail").value =
        OptionSpec::Value::file;
    line.option({"--key"}, "KEY", keys_,
                "The public key, or its file; checkpoints must be signed by it (default: that of "
                "your own key)");
    line.option({"--anchor"}, "FILE", anchors_,
                "Checkpoints that were kept elsewhere; the trail must begin with them")
        .value = OptionSpec::Value::file;
    line.option({"--from"}, "ID", opts_.first_id, "Compare the events from this one on");
    line.option({"--to"}, "ID", opts_.last_id, "Compare the events up to this one");
    line.option({"--pending-max"}, "TIME", pending_max_,
                "An intent that is open for longer never ended (default 1d)");
    print_.declare(line, "Print one JSON object");
  }

  ExitStatus run(Context& context) override {
    const auto pending_max = parse_duration(pending_max_);
    if (!pending_max) return refuse(context, "--pending-max: " + pending_max.error().message);
    opts_.pending_max = *pending_max;
    if (opts_.first_id < 1 || opts_.last_id < opts_.first_id) {
      return refuse(context, "--from and --to: ids from 1 on, in their order");
    }
    if (auto read = read_keys(); !read) return refuse(context, read.error().message);
    Interrupt interrupt;
    auto result = bundle_.empty() ? verify_trail(context, interrupt) : verify_bundle_file();
    if (!result) return unreadable(context, result.error());
    if (print_.json()) {
      std::string json;
      append_json(json, *result);
      context.out.write(json + '\n');
    } else {
      context.out.write(verification_view(*result, print_.style(context)));
    }
    return exit_status_of(result->verdict);
  }

 private:
  // Those asked for, else the user's own.
  [[nodiscard]] Result<void> read_keys() {
    for (const std::string& key : keys_) {
      if (NoteVerifier::from_text(key)) {
        opts_.keys.push_back(key);
        continue;
      }
      auto text = read_key_text(key);
      if (!text) return fail(text.error().code, "--key: " + text.error().message);
      if (auto valid = NoteVerifier::from_text(*text); !valid) {
        return fail(valid.error().code, "--key: " + key + ": " + valid.error().message);
      }
      opts_.keys.push_back(std::move(*text));
    }
    opts_.expect_signed = !keys_.empty();
    for (const std::string& file : anchors_) {
      auto notes = read_notes(file);
      if (!notes) return fail(notes.error().code, "--anchor: " + notes.error().message);
      if (notes->empty()) return fail(ErrorCode::parse, "--anchor: " + file + " has no checkpoint");
      opts_.anchors.insert(opts_.anchors.end(), notes->begin(), notes->end());
    }
    return {};
  }

  Result<Verification> verify_trail(Context& context, const Interrupt& interrupt) {
    auto store = print_.store().open_to_read(no_time_limit);
    if (!store) return fail(store.error());
    if (keys_.empty()) verify_by_own_key(**store, opts_);
    Result<Verification> result;
    {
      ProgressBar bar(context.talk, "Verifying");
      opts_.progress = [&](std::int64_t done, std::int64_t total) { bar.update(done, total); };
      result = (*store)->verify(opts_, interrupt.token());
    }
    return result;
  }

  [[nodiscard]] Result<Verification> verify_bundle_file() const {
    if (!anchors_.empty()) {
      return fail(ErrorCode::invalid_argument, "--anchor is for a trail, not for a bundle");
    }
    const FileDescriptor file(::open(bundle_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) {
      return fail(ErrorCode::not_found, "cannot open " + bundle_ + ": " + std::strerror(errno));
    }
    DescriptorInput input(file.get(), -1);
    std::string json;
    while (true) {
      const auto chunk = input.read();
      if (!chunk) return fail(chunk.error());
      if (chunk->ended) break;
      json += chunk->bytes;
      if (json.size() > limits::line_bytes_max) {
        return fail(ErrorCode::too_large, bundle_ + " is larger than any bundle");
      }
    }
    return verify_bundle(json, opts_.keys);
  }

  static ExitStatus refuse(Context& context, const std::string& why) {
    context.talk.complain(why);
    return ExitStatus::wrong_use;
  }

  // No verdict: neither intact nor tampered with.
  static ExitStatus unreadable(Context& context, const Error& error) {
    const ExitStatus status = report(context, error);
    return status == ExitStatus::interrupted ? status : ExitStatus::unreadable;
  }

  VerifyOpts opts_;
  std::string bundle_;
  std::vector<std::string> keys_;
  std::vector<std::string> anchors_;
  std::string pending_max_ = "1d";
  PrintOptions print_;
};

}  // namespace

const CommandEntry verify_command = {
    .name = "verify",
    .summary = "Prove that the trail is what was recorded",
    .text =
        "Compares every event with its leaf in the ledger, the leaves with the tree above them, "
        "and tells what the trail itself records as missing: gaps, intents that never ended, "
        "acts after their denial; and the tree with every signed checkpoint. The file is opened "
        "read-only. With BUNDLE it checks what `prove` and `bundle` print, and needs no trail."
        "\n\n"
        "The exit status is the verdict: 0 intact, 1 intact but incomplete, 2 tampered with, 3 "
        "rolled back, 4 not readable as a trail; 64 for a wrong command line.",
    .examples =
        "agentaudit verify\n"
        "agentaudit verify --key build-7.pub --anchor /mnt/worm/agent-7.checkpoints\n"
        "agentaudit verify evidence.json --key build-7.pub\n"
        "agentaudit verify --store copy.db --json | jq .verdict",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<VerifyCommand>(); },
    .wrong_use = ExitStatus::wrong_use};

}  // namespace agentaudit
