// Texts with secrets planted in them, and texts that only look as if: what redaction is
// measured and tested with. No secret is written down: they are drawn at random.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace agentaudit::bench {

// A secret in what it needs around it to be known.
struct PlantedSecret {
  std::string_view kind;
  std::string before;
  std::string secret;
  std::string after;
};

// A detail as a tool call has it, and the secrets in it as they are written there.
struct PlantedDetail {
  std::string detail;
  std::vector<PlantedSecret> secrets{};
};

// The same seed gives the same texts. Not thread-safe.
class SecretCorpus {
 public:
  explicit SecretCorpus(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] static std::size_t templates() noexcept;
  // By the template of that number, below templates().
  [[nodiscard]] PlantedSecret secret(std::size_t number);
  // JSON with one to three secrets among ordinary words.
  [[nodiscard]] PlantedDetail planted();
  // JSON with look-alikes: hashes, ids, counts, encoded files, minified code …
  [[nodiscard]] std::string clean();

 private:
  [[nodiscard]] std::size_t below(std::size_t end);
  [[nodiscard]] std::string draw(std::string_view alphabet, std::size_t count);
  [[nodiscard]] std::string one_of(const std::vector<std::string>& of);
  // Each `{aN}` is N characters of the alphabet `a`: h hex, d digits, u upper-case letters
  // and digits, l lower-case ones, w letters and digits, b base64, r base64 of URLs, k the
  // base32 of keys, p of passwords; `{card}` and `{pem}` are what they say.
  [[nodiscard]] std::string filled(std::string_view pattern);
  [[nodiscard]] std::string words(std::size_t count);
  [[nodiscard]] std::string card();
  [[nodiscard]] std::string pem();

  std::mt19937_64 random_;
};

}  // namespace agentaudit::bench
