#include "cli/pruning.h"

#include "cli/progress_bar.h"
#include "cli/trouble.h"
#include "render/figures.h"

namespace agentaudit {

Result<PruneCounts> prune_with_bar(Context& context, Store& store, PruneOpts opts,
                                   std::stop_token stop) {
  ProgressBar bar(context.talk, "Pruning");
  PruneCounts counts;
  opts.progress = [&](const PruneProgress& progress) {
    bar.update(progress.scanned, progress.total);
    counts.held = progress.held;
  };
  const auto deleted = store.prune_before(opts, std::move(stop));
  if (!deleted) return fail(deleted.error());
  counts.deleted = *deleted;
  return counts;
}

ExitStatus report_prune(Context& context, const Error& error) {
  if (error.code != ErrorCode::cancelled) return report(context, error);
  context.talk.complain("interrupted; what was deleted stays deleted, prune again to finish");
  return ExitStatus::interrupted;
}

std::string held_text(std::int64_t held) {
  if (held == 0) return {};
  return "; " + count_text(held, "event is", "events are") + " under a hold and " +
         (held == 1 ? "stays" : "stay");
}

}  // namespace agentaudit
