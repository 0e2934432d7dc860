#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "cli/command_table.h"
#include "cli/key_option.h"
#include "cli/trouble.h"
#include "core/file_descriptor.h"
#include "core/write_file.h"
#include "ledger/note_signer.h"

namespace agentaudit {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "agentaudit";
}

// A new file, synced. An old one is never overwritten.
Result<void> write_new(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.is_open() && errno == EEXIST) {
    return fail(ErrorCode::invalid_argument,
                path.native() +
                    " is there already; a key that signed checkpoints is needed to "
                    "check them, so move it away yourself");
  }
  int failure = file.is_open() ? 0 : errno;
  if (failure == 0) failure = write_all(file.get(), text);
  if (failure == 0 && ::fsync(file.get()) != 0) failure = errno;
  if (failure == 0) return {};
  if (file.is_open()) ::unlink(path.c_str());
  return fail(ErrorCode::io, "cannot write " + path.native() + ": " + std::strerror(failure));
}

class KeyCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    OptionSpec& what = line.argument("WHAT", what_, "init: make a key; show: print the public key");
    what.required = true;
    what.choices = {"init", "show"};
    line.option({"--name"}, "NAME", name_, "What the key is called (default: this host's name)");
    key_.declare(line);
  }

  ExitStatus run(Context& context) override {
    const auto path = key_.path();
    if (!path) return report(context, path.error());
    auto text = what_ == "init" ? init(*path) : read_key_text(public_path_of(*path));
    if (!text && what_ == "show" && text.error().code == ErrorCode::not_found) {
      text =
          fail(ErrorCode::not_found, text.error().message + "; `agentaudit key init` makes a key");
    }
    if (!text) return report(context, text.error());
    context.out.write(*text + '\n');
    return ExitStatus::ok;
  }

 private:
  // Returns the public key.
  [[nodiscard]] Result<std::string> init(const std::filesystem::path& path) const {
    const auto signer = NoteSigner::generate(name_.empty() ? host_name() : name_);
    if (!signer) return fail(signer.error());
    constexpr mode_t directory_mode = 0700;
    if (path.has_parent_path()) {
      std::error_code failed;
      std::filesystem::create_directories(path.parent_path().parent_path(), failed);
      (void)::mkdir(path.parent_path().c_str(), directory_mode);
    }
    SecretText secret = signer->private_text();
    *secret += '\n';
    if (auto written = write_new(path, *secret, S_IRUSR | S_IWUSR); !written) {
      return fail(written.error());
    }
    std::string key = signer->verifier().to_text();
    auto written =
        write_new(public_path_of(path), key + '\n', S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
    if (written) return key;
    ::unlink(path.c_str());
    return fail(written.error());
  }

  std::string what_;
  std::string name_;
  KeyOption key_;
};

}  // namespace

const CommandEntry key_command = {
    .name = "key",
    .summary = "Make the key that signs checkpoints, or show its public half",
    .text =
        "With a key, everything that writes for long signs what is durable, at most once a "
        "second. The private key has a file of its own that only you can read, never the trail. "
        "Give the public key, NAME+ID+BASE64, to whoever is to check the trail; it is also in "
        "the file beside it that ends in .pub. The format is that of C2SP signed notes.",
    .examples =
        "agentaudit key init --name build-7.example\n"
        "agentaudit key show",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<KeyCommand>(); }};

}  // namespace agentaudit
