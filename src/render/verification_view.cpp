#include "render/verification_view.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "render/figures.h"
#include "render/terminal_text.h"

namespace agentaudit {
namespace {

std::string_view sentence_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::intact: return "Nothing is changed, and nothing is known to be missing.";
    case Verdict::incomplete:
      return "Nothing is changed, but the trail records that something is missing.";
    case Verdict::tampered: return "Something is changed, or gone without a record.";
    case Verdict::rolled_back: break;
  }
  return "The trail is shorter than its anchor, or has another history.";
}

std::string_view sentence_of(ProofLevel level) {
  switch (level) {
    case ProofLevel::unsigned_tree:
      return "unsigned: whoever can write the file could have computed its tree anew";
    case ProofLevel::signed_checkpoint: return "signed: a checkpoint agrees with the tree";
    case ProofLevel::anchored_checkpoint: break;
  }
  return "anchored: a checkpoint that was kept elsewhere agrees with the tree";
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  constexpr std::size_t name_columns = 10;
  out += "  ";
  out += name;
  out.append(name_columns - name.size(), ' ');
  out += value;
  out += '\n';
}

void append_findings(std::string& out, std::string_view title, const VerifyFindings& findings) {
  if (findings.total == 0) return;
  out += '\n';
  out += title;
  out += ": " + count_text(findings.total, "finding", "findings") + '\n';
  constexpr std::size_t shown_max = 10;
  const auto shown = std::span(findings.first).first(std::min(findings.first.size(), shown_max));
  for (const VerifyFinding& finding : shown) out += "  " + terminal_text(finding.what) + '\n';
  const std::int64_t more = findings.total - static_cast<std::int64_t>(shown.size());
  if (more > 0) out += "  and " + count_text(more) + " more\n";
}

}  // namespace

std::string verification_view(const Verification& result, const TerminalStyle& style) {
  const Colour colour = result.verdict == Verdict::intact       ? Colour::green
                        : result.verdict == Verdict::incomplete ? Colour::yellow
                                                                : Colour::red;
  std::string out;
  append_coloured(out, to_string(result.verdict), colour, style);
  out += "  ";
  out += sentence_of(result.verdict);
  out += "\n\n";
  append_line(out, "trail", result.trail_id);
  append_line(out, "level", sentence_of(result.level));
  append_line(out, "events", count_text(result.events) + " compared with their leaves");
  if (result.pruned > 0) {
    append_line(out, "pruned", count_text(result.pruned) + ", as the trail records");
  }
  if (result.redacted > 0) {
    append_line(out, "redacted", count_text(result.redacted) + ", as the trail records");
  }
  if (result.absent > 0) {
    append_line(out, "absent", count_text(result.absent) + " gone before the ledger began");
  }
  if (result.waiting > 0) {
    append_line(out, "waiting", count_text(result.waiting) + " without a leaf yet");
  }
  std::string leaves = count_text(result.leaves);
  if (result.sealed > 0) leaves += ", " + count_text(result.sealed) + " of them sealed";
  append_line(out, "leaves", leaves);
  if (!result.root.empty()) append_line(out, "root", result.root);
  append_findings(out, "Integrity", result.integrity);
  append_findings(out, "Completeness", result.completeness);
  return out;
}

}  // namespace agentaudit
