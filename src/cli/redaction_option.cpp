#include "cli/redaction_option.h"

#include <array>
#include <utility>

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

}  // namespace

void RedactionOption::declare(CommandLine& line) {
  line.option({"--secret-rules"}, "FILE", rules_,
              "TOML: own rules for secrets, kinds to leave, values to allow")
      .value = OptionSpec::Value::file;
  line.flag({"--keep-secrets"}, keep_, "Record keys, passwords and card numbers as they are");
}

Result<std::shared_ptr<const Redactor>> RedactionOption::open(Complain complain) const {
  if (keep_) return nullptr;
  RedactorOptions options;
  if (!rules_.empty()) {
    if (auto read = read_redaction_file(rules_, options); !read) return fail(read.error());
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
                (rules_.empty() ? "" : rules_ + ": ") + redactor.error().message);
  }
  return redactor;
}

Result<std::shared_ptr<const Redactor>> RedactionOption::open(Context& context) const {
  return open([&context](const std::string& trouble) { context.talk.complain(trouble); });
}

std::shared_ptr<const Redactor> RedactionOption::open_anyhow(const Complain& complain) const {
  auto redactor = open(complain);
  if (!redactor) {
    complain(redactor.error().message + "; the built-in rules hold");
    redactor = RedactionOption().open(complain);
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
