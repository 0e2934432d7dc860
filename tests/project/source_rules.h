// The rules of this repository that a machine can check, as pure functions over the
// text of one file. Each returns what is wrong, one sentence a finding; none: all is
// well.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agentaudit::project {

using Findings = std::vector<std::string>;

// The names in `#include "…"` lines, in order.
[[nodiscard]] std::vector<std::string> quoted_includes(std::string_view source);
// The same for `#include <…>`.
[[nodiscard]] std::vector<std::string> angled_includes(std::string_view source);

// The floor (docs/ARCHITECTURE.md) of a folder of src/ and include/agentaudit/;
// nullopt: no such folder.
[[nodiscard]] std::optional<int> floor_of(std::string_view folder);

// `path` as from the top of the repository, in src/ or include/. Includes point to
// the file's own folder or to a lower floor, and only to headers of this project;
// public headers include only public ones.
[[nodiscard]] Findings upward_includes(std::string_view path, std::string_view source);

// Outside libraries and system services only where they belong: fmt in .cpp files of
// cli and render, nlohmann nowhere in src but cli, no header with either; printing,
// ending the process and reading the environment only in cli; no macros.
[[nodiscard]] Findings misplaced_uses(std::string_view path, std::string_view source);

// `tests` are paths such as `core/hex_test.cpp`; each stands in the CMake list of its
// folder, or with its whole path anywhere in it.
[[nodiscard]] Findings unregistered_tests(const std::vector<std::string>& tests,
                                          std::string_view cmake_lists);

// Longer than lines_max without a comment that starts "This file is long because".
inline constexpr int lines_max = 500;
[[nodiscard]] Findings too_long(std::string_view path, std::string_view source);

// Words that stand for work left undone.
[[nodiscard]] Findings unfinished_work(std::string_view path, std::string_view text);

// Paths that exist on one developer's machine only.
[[nodiscard]] Findings machine_paths(std::string_view path, std::string_view text);

// Folders and files whose name says nothing.
[[nodiscard]] Findings vague_names(std::string_view path);

// The targets of Markdown links to files, without anchors; not those inside code.
[[nodiscard]] std::vector<std::string> linked_files(std::string_view markdown);

}  // namespace agentaudit::project
