#include "cli/redaction_option.h"

#include <array>
#include <filesystem>
#include <utility>

#include "cli/config_file.h"
#include "cli/redaction_config.h"
#include "cli/redaction_key.h"
#include "core/random_bytes.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

// To lose an event for want of a key would be worse than marks that cannot be compared.
RedactionKey key_for_now() {
  RedactionKey key{};
  (void)random_bytes(std::span(reinterpret_cast<char*>(key.data()), key.size()));
  return key;
}

// By the rules of that file besides the built-in ones; empty: by those alone.
Result<std::shared_ptr<const Redactor>> make(const std::filesystem::path& rules,
                                             RedactionOption::Complain complain) {
  RedactorOptions options;
  if (!rules.empty()) {
    if (auto read = read_redaction_file(rules, options); !read) return fail(read.error());
  }
  options.key = [complain = std::move(complain)] {
    const auto path = redaction_key_path();
    const auto key = path ? read_or_make_redaction_key(*path) : fail(path.error());
    if (key) return *key;
    complain(key.error().message +
             "; secrets are removed all the same, but their marks can be compared within this "
             "run only");
    return key_for_now();
  };
  auto redactor = Redactor::create(std::move(options));
  if (!redactor) {
    return fail(redactor.error().code,
                (rules.empty() ? "" : rules.native() + ": ") + redactor.error().message);
  }
  return redactor;
}

}  // namespace

void RedactionOption::declare(CommandLine& line) {
  line.option({"--secret-rules"}, "FILE", rules_,
              "TOML: own rules for secrets, kinds to leave, values to allow")
      .value = OptionSpec::Value::file;
  line.flag({"--keep-secrets"}, keep_, "Record keys, passwords and card numbers as they are");
}

Result<std::shared_ptr<const Redactor>> RedactionOption::open(Complain complain) const {
  if (keep_) return nullptr;
  if (!rules_.empty()) return make(rules_, std::move(complain));
  const auto config = ConfigFile::find();
  if (!config) return fail(config.error());
  return make(config->has_redaction() ? config->path() : "", std::move(complain));
}

Result<std::shared_ptr<const Redactor>> RedactionOption::open(Context& context) const {
  return open([&context](const std::string& trouble) { context.talk.complain(trouble); });
}

std::shared_ptr<const Redactor> RedactionOption::open_anyhow(const Complain& complain) const {
  auto redactor = open(complain);
  if (!redactor) {
    complain(redactor.error().message + "; the built-in rules hold");
    redactor = make({}, complain);
  }
  if (redactor) return *redactor;
  complain(redactor.error().message + "; secrets are not removed");
  return nullptr;
}

std::string text_of(const RedactionReport& report) {
  std::string text;
  if (report.secrets() > 0) {
    text = count_text(report.secrets(), "secret", "secrets") + " removed (";
    std::string_view separator;
    for (const RedactionReport::Count& count : report.found) {
      text.append(separator).append(std::to_string(count.secrets)).append(" ").append(count.kind);
      separator = ", ";
    }
    text += ')';
  }
  if (report.texts_dropped > 0) {
    text += (text.empty() ? "" : ", ") + count_text(report.texts_dropped, "text", "texts") +
            " dropped, too long to be searched for secrets";
  }
  return text;
}

}  // namespace agentaudit
