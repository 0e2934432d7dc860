// Any bytes as a journal that an earlier process left: what is whole at its start is taken, in
// order, and the file can be used again.
#include "server/otlp_journal.h"

#include <string>

#include "fuzz_file.h"

namespace agentaudit {
namespace {

void check_journal(const ScratchDirectory& directory, std::string_view bytes) {
  const auto trail = directory.path() / "trail.db";
  (void)put(directory, "trail.db.otlp-0a", bytes);
  std::string records;
  {
    auto journal = OtlpJournal::open(trail);
    check(journal.has_value(), "any file is a journal");
    for (const OtlpBatch& batch : journal->take_left()) records += OtlpJournal::record_of(batch);
    check(bytes.starts_with(records), "what is taken is the start of the file, to the byte");
    journal->discard(std::nullopt);
    check(OtlpJournal::waiting_bytes(trail) == 0, "what the trail has does not wait");
    const bool is_appended =
        records.empty() || journal->append(records, OtlpJournal::TimePoint()).has_value();
    check(is_appended, "the journal takes more");
  }
  auto journal = OtlpJournal::open(trail);
  check(journal.has_value(), "the journal is opened again");
  std::string again;
  for (const OtlpBatch& batch : journal->take_left()) again += OtlpJournal::record_of(batch);
  check(again == records, "what was appended is what is left");
  journal->discard(std::nullopt);
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const agentaudit::ScratchDirectory directory;
  agentaudit::check_journal(directory, agentaudit::text_of(data, size));
  return 0;
}
